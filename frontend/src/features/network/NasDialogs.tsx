import { Button, Group, Modal, SimpleGrid, Stack, Text } from "@mantine/core";
import { useState } from "react";
import * as z from "zod/mini";
import { DialogForm, useClose } from "@/api/AppForm";
import { createNas, editNas, revealNasSecret } from "@/api/mutations";
import type { Nas } from "@/api/types";
import { useAct } from "@/api/useAct";
import { useT } from "@/i18n";
import { blankToNull, numberOrNull } from "@/lib/object";
import { CheckField, SelectField, TextField, useChoices } from "@/ui/fields";
import { Secret } from "@/ui/Secret";

const RULES = ["auto", "yes", "no"] as const;
const STATUSES = ["active", "disabled"] as const;
const required = z.string().check(z.trim(), z.minLength(1, "form.required"));
const wholeOrBlank = z.string().check(z.regex(/^\d{0,9}$/, "form.number"));

const addSchema = z.object({
  name: required,
  address: required,
  secret: z.string(),
  coa_port: z.string().check(z.regex(/^\d{0,5}$/, "form.number")),
  require_message_authenticator: z.enum(RULES),
  limit_proxy_state: z.enum(RULES),
  swap_octets: z.boolean(),
  max_requests_per_second: wholeOrBlank,
  max_in_flight: wholeOrBlank,
  radsec_identity: z.string(),
});

type AddValues = z.infer<typeof addSchema>;

function requestOf(values: AddValues) {
  return {
    name: values.name.trim(),
    address: values.address.trim(),
    require_message_authenticator: values.require_message_authenticator,
    limit_proxy_state: values.limit_proxy_state,
    swap_octets: values.swap_octets,
    max_requests_per_second: numberOrNull(values.max_requests_per_second),
    max_in_flight: numberOrNull(values.max_in_flight),
    radsec_identity: blankToNull(values.radsec_identity),
  };
}

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
        limit_proxy_state: "auto",
        swap_octets: false,
        max_requests_per_second: "",
        max_in_flight: "",
        radsec_identity: "",
      }}
      submitLabel={t("nas.add")}
      staysOpen
      onSubmit={async (values) => {
        const created = await createNas({
          ...requestOf(values),
          secret: blankToNull(values.secret),
          coa_port: numberOrNull(values.coa_port),
        });
        setSecret(created.secret);
      }}
      onClose={onClose}
    >
      <MainFields secretHint={t("nas.secret_hint")} />
      <details>
        <summary style={{ cursor: "pointer", fontSize: 14 }}>{t("nas.advanced")}</summary>
        <RadiusFields />
      </details>
    </DialogForm>
  );
}

const editSchema = z.object({
  ...addSchema.shape,
  keep_old_secret_hours: wholeOrBlank,
  status: z.enum(STATUSES),
});

export function EditNasDialog({ nas, onClose }: { nas: Nas; onClose: () => void }) {
  const t = useT();
  const choices = useChoices();
  return (
    <DialogForm
      title={t("edit.title", { name: nas.name })}
      schema={editSchema}
      defaults={defaultsOf(nas)}
      submitLabel={t("action.save")}
      saved="edit.saved"
      onSubmit={(values) => {
        const secret = blankToNull(values.secret);
        const coaPort = numberOrNull(values.coa_port);
        const hours = numberOrNull(values.keep_old_secret_hours);
        return editNas(nas.id, {
          ...requestOf(values),
          status: values.status,
          ...(secret === null ? {} : { secret }),
          ...(secret === null || hours === null ? {} : { keep_old_secret_hours: hours }),
          ...(coaPort === null ? {} : { coa_port: coaPort }),
        });
      }}
      onClose={onClose}
    >
      <MainFields secretHint={t("nas.secret_keep")} />
      <TextField
        name="keep_old_secret_hours"
        label={t("nas.keep_secret_hours")}
        description={t("nas.keep_secret_hint")}
        inputMode="numeric"
      />
      <RadiusFields />
      <SelectField name="status" label={t("field.status")} data={choices(STATUSES, "use_status")} />
    </DialogForm>
  );
}

function defaultsOf(nas: Nas) {
  return {
    name: nas.name,
    address: nas.address,
    secret: "",
    keep_old_secret_hours: "",
    coa_port: String(nas.coa_port),
    require_message_authenticator: nas.require_message_authenticator,
    limit_proxy_state: nas.limit_proxy_state,
    swap_octets: nas.swap_octets,
    max_requests_per_second: String(nas.max_requests_per_second ?? ""),
    max_in_flight: String(nas.max_in_flight ?? ""),
    radsec_identity: nas.radsec_identity ?? "",
    status: nas.status,
  };
}

function MainFields({ secretHint }: { secretHint: string }) {
  const t = useT();
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
    </>
  );
}

function RadiusFields() {
  const t = useT();
  const choices = useChoices();
  return (
    <Stack gap="sm" mt="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <SelectField
          name="require_message_authenticator"
          label={t("field.message_authenticator")}
          data={choices(RULES, "authenticator")}
        />
        <SelectField
          name="limit_proxy_state"
          label={t("field.limit_proxy_state")}
          data={choices(RULES, "limit_proxy_state")}
        />
        <TextField
          name="max_requests_per_second"
          label={t("nas.max_requests_per_second")}
          description={t("nas.no_limit_hint")}
          inputMode="numeric"
        />
        <TextField
          name="max_in_flight"
          label={t("nas.max_in_flight")}
          description={t("nas.no_limit_hint")}
          inputMode="numeric"
        />
        <TextField name="coa_port" label={t("field.coa_port")} inputMode="numeric" />
        <TextField name="radsec_identity" label={t("field.radsec_identity")} />
      </SimpleGrid>
      <CheckField name="swap_octets" label={t("nas.swap_octets")} />
    </Stack>
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
