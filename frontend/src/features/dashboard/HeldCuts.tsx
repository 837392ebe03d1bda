import { Alert, Button, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { useFormat } from "@/api/format";
import { releaseCuts } from "@/api/mutations";
import { useCan } from "@/api/permissions";
import type { Overview } from "@/api/types";
import { useT } from "@/i18n";
import { PasswordField } from "@/ui/fields";

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
      {asking && <ReleaseDialog count={count} onClose={() => setAsking(false)} />}
    </Alert>
  );
}

const schema = z.object({ password: z.string().check(z.minLength(1, "form.required")) });

function ReleaseDialog({ count, onClose }: { count: string; onClose: () => void }) {
  const t = useT();
  return (
    <DialogForm
      title={t("held_cuts.release")}
      schema={schema}
      defaults={{ password: "" }}
      submitLabel={t("held_cuts.release")}
      saved="held_cuts.released"
      danger
      onSubmit={(values) => releaseCuts(values)}
      onClose={onClose}
    >
      <Text size="sm">{t("held_cuts.question", { count })}</Text>
      <PasswordField
        name="password"
        label={t("field.your_password")}
        autoComplete="current-password"
        data-autofocus
      />
    </DialogForm>
  );
}
