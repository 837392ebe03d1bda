import { Text } from "@mantine/core";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { releaseCuts } from "@/api/mutations";
import { useT } from "@/i18n";
import { PasswordField } from "@/ui/fields";

const schema = z.object({ password: z.string().check(z.minLength(1, "form.required")) });

/** Asks for the password, then lets the cuts happen. */
export function ReleaseCutsDialog({ count, onClose }: { count: string; onClose: () => void }) {
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
