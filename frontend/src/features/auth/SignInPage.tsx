import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import { signIn } from "@/api/mutations";
import { startSession } from "@/api/session";
import { useExplain } from "@/api/useExplain";
import { useT } from "@/i18n";
import { toAsciiDigits } from "@/lib/money";
import { innerPath } from "@/lib/url";
import { AuthFrame } from "./AuthFrame";

/**
 * Login and password; the code of the second factor is asked only from those who have one.
 * The form is plain, because the form library would double what the first page loads.
 */
export function SignInPage({ tools }: { tools: ReactNode }) {
  const t = useT();
  const { send, busy, failure, asksCode } = useSignIn();
  return (
    <AuthFrame title={t("sign_in.title")} tools={tools}>
      <form onSubmit={(event) => void send(event)}>
        <Stack gap="sm">
          <TextInput
            name="login"
            label={t("field.login")}
            autoComplete="username"
            autoCapitalize="none"
            autoFocus
            required
            withAsterisk={false}
            spellCheck={false}
          />
          <PasswordInput
            name="password"
            label={t("field.password")}
            autoComplete="current-password"
            required
            withAsterisk={false}
            visibilityToggleButtonProps={{ "aria-label": t("action.show_password") }}
          />
          {asksCode && (
            <TextInput
              name="totp_code"
              label={t("field.totp_code")}
              description={t("sign_in.totp_hint")}
              autoComplete="one-time-code"
              inputMode="numeric"
              autoFocus
            />
          )}
          {failure !== null && (
            <Alert color="red" variant="outline" role="alert">
              {failure}
            </Alert>
          )}
          <Button type="submit" loading={busy} fullWidth mt="xs">
            {t("action.sign_in")}
          </Button>
        </Stack>
      </form>
    </AuthFrame>
  );
}

function useSignIn() {
  const navigate = useNavigate();
  const explain = useExplain();
  const { next } = useSearch({ strict: false }) as { next?: string };
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [asksCode, setAsksCode] = useState(false);

  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const read = (name: string) => String(form.get(name) ?? "");
    const code = toAsciiDigits(read("totp_code")).replace(/\s/g, "");
    setBusy(true);
    setFailure(null);
    try {
      const view = await signIn({
        login: read("login").trim(),
        password: read("password"),
        client: "browser",
        ...(code === "" ? {} : { totp_code: code }),
      });
      startSession(view);
      await navigate({ href: innerPath(next) });
    } catch (error) {
      const { code: refusal, message } = explain(error);
      const askForCode = refusal === "totp_required" && !asksCode;
      if (askForCode) setAsksCode(true);
      else setFailure(message);
    } finally {
      setBusy(false);
    }
  };
  return { send, busy, failure, asksCode };
}
