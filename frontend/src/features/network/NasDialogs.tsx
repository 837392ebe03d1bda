import { Button, Group, Modal, SimpleGrid, Stack, Text } from "@mantine/core";
import { useState } from "react";
import * as z from "zod/mini";
import { DialogForm, useClose } from "@/api/AppForm";
import { createNas, editNas, revealNasSecret } from "@/api/mutations";
import type { Nas } from "@/api/types";
import { useAct } from "@/api/useAct";
import { useT } from "@/i18n";
import { blankToNull, numberOrNull } from "@/lib/object";
import { SelectField, TextField, useChoices } from "@/ui/fields";
import { Secret } from "@/ui/Secret";

const AUTHENTICATOR = ["auto", "yes", "no"] as const;
const STATUSES = ["active", "disabled"] as const;
const required = z.string().check(z.trim(), z.minLength(1, "form.required"));
const port = z.string().check(z.regex(/^\d{0,5}$/, "form.number"));

const addSchema = z.object({
  name: required,
  address: required,
  secret: z.string(),
  coa_port: port,
  require_message_authenticator: z.enum(AUTHENTICATOR),
});

/** Adds a router and then shows the secret once, ready to be copied into it. */
export function AddNasDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [secret, setSecret] = useState<string | null>(null);
  if (secret !== null) {
    return (
      <SecretShown title={t("nas.added")} hint={t("nas.secret_once")} {...{ secret, onClose }} />
    );
  }
  return (
    <DialogForm
      title={t("nas.add")}
      schema={addSchema}
      defaults={{
        name: "",
        address: "",
        secret: "",
        coa_port: "3799",
        require_message_authenticator: "auto",
      }}
      submitLabel={t("nas.add")}
      staysOpen
      onSubmit={async (values) => {
        const created = await createNas({
          name: values.name.trim(),
          address: values.address.trim(),
          secret: blankToNull(values.secret),
          coa_port: numberOrNull(values.coa_port),
          require_message_authenticator: values.require_message_authenticator,
        });
        setSecret(created.secret);
      }}
      onClose={onClose}
    >
      <NasFields secretHint={t("nas.secret_hint")} />
    </DialogForm>
  );
}

const editSchema = z.object({ ...addSchema.shape, status: z.enum(STATUSES) });

export function EditNasDialog({ nas, onClose }: { nas: Nas; onClose: () => void }) {
  const t = useT();
  const choices = useChoices();
  return (
    <DialogForm
      title={t("edit.title", { name: nas.name })}
      schema={editSchema}
      defaults={{
        name: nas.name,
        address: nas.address,
        secret: "",
        coa_port: String(nas.coa_port),
        require_message_authenticator: nas.require_message_authenticator,
        status: nas.status,
      }}
      submitLabel={t("action.save")}
      saved="edit.saved"
      onSubmit={(values) => {
        const secret = blankToNull(values.secret);
        const coaPort = numberOrNull(values.coa_port);
        return editNas(nas.id, {
          name: values.name.trim(),
          address: values.address.trim(),
          require_message_authenticator: values.require_message_authenticator,
          status: values.status,
          ...(secret === null ? {} : { secret }),
          ...(coaPort === null ? {} : { coa_port: coaPort }),
        });
      }}
      onClose={onClose}
    >
      <NasFields secretHint={t("nas.secret_keep")} />
      <SelectField name="status" label={t("field.status")} data={choices(STATUSES, "use_status")} />
    </DialogForm>
  );
}

function NasFields({ secretHint }: { secretHint: string }) {
  const t = useT();
  const choices = useChoices();
  return (
    <>
      <TextField name="name" label={t("field.name")} required data-autofocus />
      <TextField
        name="address"
        label={t("field.address_ip")}
        description={t("nas.address_hint")}
        required
      />
      <TextField
        name="secret"
        label={t("field.secret")}
        description={secretHint}
        autoComplete="off"
      />
      <SimpleGrid cols={2} spacing="sm">
        <TextField name="coa_port" label={t("field.coa_port")} inputMode="numeric" />
        <SelectField
          name="require_message_authenticator"
          label={t("field.message_authenticator")}
          data={choices(AUTHENTICATOR, "authenticator")}
        />
      </SimpleGrid>
    </>
  );
}

/** Shows the shared secret again; looking is recorded. */
export function NasSecretDialog({ nas, onClose }: { nas: Nas; onClose: () => void }) {
  const t = useT();
  const closeLabel = useClose();
  const { act, busy } = useAct();
  const [secret, setSecret] = useState<string | null>(null);
  if (secret !== null) {
    return <SecretShown title={nas.name} hint={t("nas.secret_use")} {...{ secret, onClose }} />;
  }
  const reveal = async () => {
    const view = await act(() => revealNasSecret(nas.id));
    if (view) setSecret(view.secret);
  };
  return (
    <Modal opened onClose={onClose} title={nas.name} closeButtonProps={closeLabel}>
      <Stack gap="sm">
        <Text size="sm">{t("nas.reveal_hint", { name: nas.name })}</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("action.close")}
          </Button>
          <Button loading={busy} onClick={() => void reveal()}>
            {t("action.reveal")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function SecretShown(props: { title: string; hint: string; secret: string; onClose: () => void }) {
  const t = useT();
  const closeLabel = useClose();
  return (
    <Modal opened onClose={props.onClose} title={props.title} closeButtonProps={closeLabel}>
      <Stack gap="sm">
        <Text size="sm">{props.hint}</Text>
        <Secret value={props.secret} label={t("field.secret")} />
        <Group justify="flex-end">
          <Button onClick={props.onClose}>{t("action.done")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
