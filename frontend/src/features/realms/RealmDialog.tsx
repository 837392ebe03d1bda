import { Button, Group, SimpleGrid, Stack } from "@mantine/core";
import { Plus } from "lucide-react";
import { useFieldArray } from "react-hook-form";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { createRealm, editRealm } from "@/api/networkMutations";
import type { Realm } from "@/api/types";
import { useT } from "@/i18n";
import { blankToNull, numberOrNull } from "@/lib/object";
import { CheckField, PartMessage, SelectField, TextField, useChoices } from "@/ui/fields";

const POSITIONS = ["suffix", "prefix"] as const;
const STATUSES = ["active", "disabled"] as const;
const MOST_SERVERS = 8;
const WAITING_LOGINS = 128;

const required = z.string().check(z.trim(), z.minLength(1, "form.required"));
const port = z.string().check(z.regex(/^\d{0,5}$/, "form.number"));

const serverSchema = z.object({
  address: required,
  auth_port: port,
  acct_port: port,
  secret: z.string(),
  require_message_authenticator: z.boolean(),
});

const schema = z.object({
  name: required,
  position: z.enum(POSITIONS),
  strip: z.boolean(),
  authentication: z.boolean(),
  accounting: z.boolean(),
  max_waiting_logins: z.string().check(z.regex(/^\d{0,3}$/, "form.number")),
  status: z.enum(STATUSES),
  home_servers: z.array(serverSchema),
});

type Values = z.infer<typeof schema>;
type Server = Values["home_servers"][number];

const NEW_SERVER: Server = {
  address: "",
  auth_port: "1812",
  acct_port: "1813",
  secret: "",
  require_message_authenticator: true,
};

/** Adds a realm, or edits the given one. */
export function RealmDialog({ realm, onClose }: { realm?: Realm; onClose: () => void }) {
  const t = useT();
  const choices = useChoices();
  return (
    <DialogForm
      title={realm ? t("edit.title", { name: realm.name }) : t("realm.add")}
      size="lg"
      schema={schema}
      defaults={valuesOf(realm)}
      submitLabel={realm ? t("action.save") : t("realm.add")}
      saved={realm ? "edit.saved" : "realm.added"}
      onSubmit={(values) => {
        const { status, ...request } = requestOf(values);
        return realm ? editRealm(realm.id, { ...request, status }) : createRealm(request);
      }}
      onClose={onClose}
    >
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextField
          name="name"
          label={t("field.name")}
          description={t("realm.name_hint")}
          required
          data-autofocus
        />
        <SelectField
          name="position"
          label={t("realm.position")}
          data={choices(POSITIONS, "realm.position")}
        />
        <TextField
          name="max_waiting_logins"
          label={t("realm.max_waiting")}
          description={t("realm.max_waiting_hint")}
          inputMode="numeric"
        />
        {realm && (
          <SelectField
            name="status"
            label={t("field.status")}
            data={choices(STATUSES, "use_status")}
          />
        )}
      </SimpleGrid>
      <CheckField name="authentication" label={t("realm.authentication")} />
      <CheckField name="accounting" label={t("realm.accounting")} />
      <CheckField name="strip" label={t("realm.strip")} />
      <HomeServers secretHint={realm ? t("realm.secret_keep") : t("realm.secret_hint")} />
    </DialogForm>
  );
}

function HomeServers({ secretHint }: { secretHint: string }) {
  const t = useT();
  const { fields, append, remove } = useFieldArray<Values, "home_servers">({
    name: "home_servers",
  });
  return (
    <Stack gap="sm">
      {fields.map((field, at) => (
        <fieldset key={field.id} className="lm-fieldset">
          <legend>{t("realm.home_server", { number: at + 1 })}</legend>
          <ServerFields name={`home_servers.${at}`} secretHint={secretHint} />
          {fields.length > 1 && (
            <Button
              size="compact-xs"
              variant="subtle"
              color="red"
              mt="xs"
              onClick={() => remove(at)}
            >
              {t("realm.remove_server", { number: at + 1 })}
            </Button>
          )}
        </fieldset>
      ))}
      <PartMessage name="home_servers" />
      {fields.length < MOST_SERVERS && (
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<Plus size={14} />}
            onClick={() => append(NEW_SERVER)}
          >
            {t("realm.add_server")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function ServerFields({ name, secretHint }: { name: string; secretHint: string }) {
  const t = useT();
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextField name={`${name}.address`} label={t("field.ip")} required />
        <TextField
          name={`${name}.secret`}
          label={t("field.secret")}
          description={secretHint}
          autoComplete="off"
        />
        <TextField name={`${name}.auth_port`} label={t("realm.auth_port")} inputMode="numeric" />
        <TextField name={`${name}.acct_port`} label={t("realm.acct_port")} inputMode="numeric" />
      </SimpleGrid>
      <CheckField
        name={`${name}.require_message_authenticator`}
        label={t("realm.require_signature")}
      />
    </Stack>
  );
}

function valuesOf(realm: Realm | undefined): Values {
  return {
    name: realm?.name ?? "",
    position: realm?.position ?? "suffix",
    strip: realm?.strip ?? false,
    authentication: realm?.authentication ?? true,
    accounting: realm?.accounting ?? true,
    max_waiting_logins: String(realm?.max_waiting_logins ?? WAITING_LOGINS),
    status: realm?.status ?? "active",
    home_servers: realm?.home_servers.map((server) => ({
      address: server.address,
      auth_port: String(server.auth_port),
      acct_port: String(server.acct_port),
      secret: "",
      require_message_authenticator: server.require_message_authenticator,
    })) ?? [NEW_SERVER],
  };
}

function requestOf(values: Values) {
  return {
    ...values,
    name: values.name.trim(),
    max_waiting_logins: numberOrNull(values.max_waiting_logins),
    home_servers: values.home_servers.map((server) => ({
      address: server.address.trim(),
      auth_port: numberOrNull(server.auth_port),
      acct_port: numberOrNull(server.acct_port),
      secret: blankToNull(server.secret),
      require_message_authenticator: server.require_message_authenticator,
    })),
  };
}
