import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import * as z from "zod/mini";
import { AppForm } from "@/api/AppForm";
import { signIn } from "@/api/mutations";
import { ProblemError } from "@/api/problems";
import { startSession } from "@/api/session";
import { useT } from "@/i18n";
import { toAsciiDigits } from "@/lib/money";
import { innerPath } from "@/lib/url";
import { PasswordField, TextField } from "@/ui/fields";
import { AuthFrame } from "./AuthFrame";

const schema = z.object({
  login: z.string().check(z.trim(), z.minLength(1, "form.required")),
  password: z.string().check(z.minLength(1, "form.required")),
  totp_code: z.string(),
});

/** Login and password; the code of the second factor is asked only from those who have one. */
export function SignInPage({ tools }: { tools: ReactNode }) {
  const t = useT();
  const navigate = useNavigate();
  const { next } = useSearch({ strict: false }) as { next?: string };
  const [asksCode, setAsksCode] = useState(false);

  const send = async (values: z.infer<typeof schema>) => {
    try {
      const code = toAsciiDigits(values.totp_code).replace(/\s/g, "");
      const view = await signIn({
        login: values.login,
        password: values.password,
        client: "browser",
        ...(code === "" ? {} : { totp_code: code }),
      });
      startSession(view);
    } catch (error) {
      if (error instanceof ProblemError && error.code === "totp_required" && !asksCode) {
        setAsksCode(true);
        return;
      }
      throw error;
    }
    await navigate({ href: innerPath(next) });
  };

  return (
    <AuthFrame title={t("sign_in.title")} tools={tools}>
      <AppForm
        schema={schema}
        defaults={{ login: "", password: "", totp_code: "" }}
        onSubmit={send}
        submitLabel={t("action.sign_in")}
      >
        <TextField
          name="login"
          label={t("field.login")}
          autoComplete="username"
          autoCapitalize="none"
          autoFocus
          spellCheck={false}
        />
        <PasswordField
          name="password"
          label={t("field.password")}
          autoComplete="current-password"
        />
        {asksCode && (
          <TextField
            name="totp_code"
            label={t("field.totp_code")}
            description={t("sign_in.totp_hint")}
            autoComplete="one-time-code"
            inputMode="numeric"
            autoFocus
          />
        )}
      </AppForm>
    </AuthFrame>
  );
}
