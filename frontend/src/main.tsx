import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./app.css";
import { DirectionProvider, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/queryClient";
import { whenSignedOut } from "./api/session";
import { directionOf, startI18n } from "./i18n";
import { router } from "./router";
import { cssVariables, theme } from "./ui/theme";

whenSignedOut(() => {
  const next = router.state.location.href;
  void router.navigate({ to: "/sign-in", search: next === "/" ? {} : { next } });
});

async function start(element: HTMLElement): Promise<void> {
  await startI18n();
  createRoot(element).render(
    <StrictMode>
      <DirectionProvider initialDirection={directionOf(document.documentElement.lang)}>
        <MantineProvider
          theme={theme}
          cssVariablesResolver={cssVariables}
          defaultColorScheme="auto"
        >
          <Notifications position="bottom-right" autoClose={4000} />
          <QueryClientProvider client={queryClient}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </MantineProvider>
      </DirectionProvider>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root !== null) void start(root);
