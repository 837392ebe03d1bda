import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import * as z from "zod/mini";
import { AppForm, DialogForm } from "@/api/AppForm";
import { confirmTotp, removeTotp, startTotpEnrolment } from "@/api/mutations";
import type { Schema } from "@/api/types";
import { useAct } from "@/api/useAct";
import { useT } from "@/i18n";
import { toAsciiDigits } from "@/lib/money";
import { PasswordField, TextField } from "@/ui/fields";
import { QrCode } from "@/ui/QrCode";
import { Secret } from "@/ui/Secret";

type Enrolment = Schema<"TotpEnrolmentView">;

/** Turns the second factor on or off. */
export function TwoFactor({ enabled }: { enabled: boolean }) {
  const t = useT();
  const { act, busy } = useAct();
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const [removing, setRemoving] = useState(false);
  const start = async () => {
    const view = await act(startTotpEnrolment);
    if (view) setEnrolment(view);
  };
  if (!enabled && enrolment !== null) {
    return <Confirm enrolment={enrolment} onDone={() => setEnrolment(null)} />;
  }
  return (
    <Group justify="space-between">
      <Text size="sm">{enabled ? t("account.totp_on") : t("account.totp_off")}</Text>
      {enabled ? (
        <Button size="xs" variant="default" onClick={() => setRemoving(true)}>
          {t("account.totp_remove")}
        </Button>
      ) : (
        <Button size="xs" loading={busy} onClick={() => void start()}>
          {t("account.totp_start")}
        </Button>
      )}
      {removing && <RemoveDialog onClose={() => setRemoving(false)} />}
    </Group>
  );
}

const codeSchema = z.object({
  code: z.string().check(z.refine((text) => /^\d{6}$/.test(plainCode(text)), "form.totp_code")),
});

function plainCode(text: string): string {
  return toAsciiDigits(text).replace(/\s/g, "");
}

function Confirm({ enrolment, onDone }: { enrolment: Enrolment; onDone: () => void }) {
  const t = useT();
  return (
    <Stack gap="sm">
      <Text size="sm">{t("account.totp_scan")}</Text>
      <QrCode text={enrolment.otpauth_url} label={t("account.totp_qr")} />
      <Secret value={enrolment.secret} label={t("field.secret")} />
      <AppForm
        schema={codeSchema}
        defaults={{ code: "" }}
        submitLabel={t("account.totp_confirm")}
        saved="account.totp_enabled"
        onCancel={onDone}
        onSubmit={async ({ code }) => {
          await confirmTotp({ code: plainCode(code) });
          onDone();
        }}
      >
        <TextField
          name="code"
          label={t("field.totp_code")}
          inputMode="numeric"
          autoComplete="one-time-code"
        />
      </AppForm>
    </Stack>
  );
}

const passwordSchema = z.object({ password: z.string().check(z.minLength(1, "form.required")) });

function RemoveDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  return (
    <DialogForm
      title={t("account.totp_remove")}
      schema={passwordSchema}
      defaults={{ password: "" }}
      submitLabel={t("account.totp_remove")}
      saved="account.totp_removed"
      danger
      onSubmit={(values) => removeTotp(values)}
      onClose={onClose}
    >
      <Text size="sm">{t("account.totp_remove_question")}</Text>
      <PasswordField
        name="password"
        label={t("field.your_password")}
        autoComplete="current-password"
        data-autofocus
      />
    </DialogForm>
  );
}
