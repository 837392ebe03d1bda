import "./ui/mantine.css";
import "./app.css";
import { DirectionProvider, MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/queryClient";
import { whenSignedOut } from "./api/session";
import { directionOf, startI18n } from "./i18n";
import { router } from "./router";
import { Toasts } from "./ui/Toasts";
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
          <QueryClientProvider client={queryClient}>
            <RouterProvider router={router} />
            <Toasts />
          </QueryClientProvider>
        </MantineProvider>
      </DirectionProvider>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root !== null) void start(root);
