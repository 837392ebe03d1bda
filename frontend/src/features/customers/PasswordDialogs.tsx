import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import * as z from "zod/mini";
import { DialogForm, useClose } from "@/api/AppForm";
import { editCustomer, revealCustomerPassword } from "@/api/mutations";
import type { Customer } from "@/api/types";
import { useAct } from "@/api/useAct";
import { useT } from "@/i18n";
import { PasswordField } from "@/ui/fields";
import { Secret } from "@/ui/Secret";

const schema = z.object({ password: z.string().check(z.minLength(1, "form.required")) });

export function ChangeServicePasswordDialog(props: {
  customer: Customer;
  etag: string;
  onClose: () => void;
}) {
  const t = useT();
  const { customer, etag, onClose } = props;
  return (
    <DialogForm
      title={t("customer_action.change_password")}
      schema={schema}
      defaults={{ password: "" }}
      submitLabel={t("action.save")}
      saved="password.changed"
      onSubmit={({ password }) => editCustomer(customer.id, etag, { password })}
      onClose={onClose}
    >
      <Text size="sm">{t("password.service_hint", { name: customer.name })}</Text>
      <PasswordField
        name="password"
        label={t("field.service_password")}
        autoComplete="off"
        data-autofocus
      />
    </DialogForm>
  );
}

/** Shows the password only after a deliberate click, because looking is recorded. */
export function RevealPasswordDialog(props: { customer: Customer; onClose: () => void }) {
  const t = useT();
  const closeLabel = useClose();
  const { act, busy } = useAct();
  const [password, setPassword] = useState<string | null>(null);
  const { customer, onClose } = props;
  const reveal = async () => {
    const view = await act(() => revealCustomerPassword(customer.id));
    if (view) setPassword(view.password);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("customer_action.reveal_password")}
      closeButtonProps={closeLabel}
    >
      <Stack gap="sm">
        <Text size="sm">{t("password.reveal_hint", { name: customer.name })}</Text>
        {password !== null && <Secret value={password} label={t("field.service_password")} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("action.close")}
          </Button>
          {password === null && (
            <Button loading={busy} onClick={() => void reveal()}>
              {t("action.reveal")}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
