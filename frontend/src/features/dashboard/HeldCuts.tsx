import { Alert, Button, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useFormat } from "@/api/format";
import { useCan } from "@/api/permissions";
import type { Overview } from "@/api/types";
import { useT } from "@/i18n";

// The first screen loads without forms; few ever need this one.
const ReleaseDialog = lazy(async () => {
  const { ReleaseCutsDialog } = await import("./ReleaseCutsDialog");
  return { default: ReleaseCutsDialog };
});

type Held = NonNullable<Overview["held_cuts"]>;

/** Cuts that a run left to a person: whom they concern, and the way to let them happen. */
export function HeldCuts({ held }: { held: Held }) {
  const t = useT();
  const format = useFormat();
  const can = useCan();
  const [asking, setAsking] = useState(false);
  const count = format.count(held.customers);
  return (
    <Alert color="orange" variant="light" title={t("held_cuts.title", { count })} role="status">
      <Text size="sm" mb="xs">
        {t("held_cuts.hint", { since: format.dateTime(held.since) })}
      </Text>
      <Group gap="xs">
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => (
            <Link {...props} to="/customers" search={{ status: "active", sort: "expires_at" }} />
          )}
        >
          {t("held_cuts.look")}
        </Button>
        {can("manage_settings") && (
          <Button size="xs" color="red.9" onClick={() => setAsking(true)}>
            {t("held_cuts.release")}
          </Button>
        )}
      </Group>
      {asking && (
        <Suspense>
          <ReleaseDialog count={count} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </Alert>
  );
}
