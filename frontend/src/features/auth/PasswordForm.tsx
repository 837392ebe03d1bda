import * as z from "zod/mini";
import { AppForm } from "@/api/AppForm";
import { changeMyPassword } from "@/api/mutations";
import { passwordChanged } from "@/api/session";
import { useT } from "@/i18n";
import { PasswordField } from "@/ui/fields";

const schema = z
  .object({
    current_password: z.string().check(z.minLength(1, "form.required")),
    new_password: z.string().check(z.minLength(10, "form.password_length")),
    repeated: z.string(),
  })
  .check(
    z.refine((values) => values.new_password === values.repeated, {
      error: "form.passwords_differ",
      path: ["repeated"],
    }),
  );

/** Changes the password of the signed-in person. */
export function PasswordForm({ onChanged }: { onChanged: () => Promise<unknown> }) {
  const t = useT();
  return (
    <AppForm
      schema={schema}
      defaults={{ current_password: "", new_password: "", repeated: "" }}
      submitLabel={t("password.change")}
      saved="password.changed"
      onSubmit={async ({ current_password, new_password }) => {
        await changeMyPassword({ current_password, new_password });
        passwordChanged();
        await onChanged();
      }}
    >
      <PasswordField
        name="current_password"
        label={t("field.current_password")}
        autoComplete="current-password"
      />
      <PasswordField
        name="new_password"
        label={t("field.new_password")}
        description={t("password.hint")}
        autoComplete="new-password"
      />
      <PasswordField
        name="repeated"
        label={t("field.repeat_password")}
        autoComplete="new-password"
      />
    </AppForm>
  );
}
