import { SimpleGrid } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import * as z from "zod/mini";
import { AppForm } from "@/api/AppForm";
import {
  useOperatorChoices,
  useOperatorWord,
  usePackageChoices,
  useZoneChoices,
} from "@/api/choices";
import { useTimeZone } from "@/api/format";
import { createCustomer } from "@/api/mutations";
import { BILLING_TYPES, CONNECTION_TYPES } from "@/api/searches";
import { useT } from "@/i18n";
import { endOfDay } from "@/lib/dates";
import { blankToNull } from "@/lib/object";
import {
  CheckField,
  PasswordField,
  SelectField,
  TextAreaField,
  TextField,
  useChoices,
} from "@/ui/fields";
import { Page, Panel } from "@/ui/Page";

const required = z.string().check(z.trim(), z.minLength(1, "form.required"));

const schema = z.object({
  name: required,
  username: required,
  password: z.string().check(z.minLength(1, "form.required")),
  connection_type: z.enum(CONNECTION_TYPES),
  package_id: z.string().check(z.minLength(1, "form.required")),
  billing_type: z.enum(["", ...BILLING_TYPES]),
  mobile: z.string(),
  email: z.string(),
  national_id: z.string(),
  zone_id: z.string(),
  operator_id: z.string(),
  address: z.string(),
  static_ipv4: z.string(),
  expires_on: z.string(),
  notes: z.string(),
  auto_renew: z.boolean(),
});

type Values = z.infer<typeof schema>;

const DEFAULTS: Values = {
  name: "",
  username: "",
  password: "",
  connection_type: "pppoe",
  package_id: "",
  billing_type: "",
  mobile: "",
  email: "",
  national_id: "",
  zone_id: "",
  operator_id: "",
  address: "",
  static_ipv4: "",
  expires_on: "",
  notes: "",
  auto_renew: true,
};

export function CreateCustomerPage() {
  const t = useT();
  const navigate = useNavigate();
  const timeZone = useTimeZone();
  const send = async (values: Values) => {
    const view = await createCustomer(toRequest(values, timeZone));
    await navigate({ to: "/customers/$customerId", params: { customerId: view.id } });
  };
  return (
    <Page title={t("customers.create")}>
      <div style={{ maxWidth: 860 }}>
        <AppForm
          schema={schema}
          defaults={DEFAULTS}
          onSubmit={send}
          onCancel={() => void navigate({ to: "/customers", search: {} })}
          submitLabel={t("customers.create")}
          saved="customers.created"
        >
          <Panel title={t("customers.section.person")}>
            <PersonFields />
          </Panel>
          <Panel title={t("customers.section.service")}>
            <ServiceFields />
          </Panel>
        </AppForm>
      </div>
    </Page>
  );
}

function PersonFields() {
  const t = useT();
  const zones = useZoneChoices();
  const operators = useOperatorChoices();
  const operatorWord = useOperatorWord(t("word.operator"));
  const none = { value: "", label: t("form.none") };
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
      <TextField name="name" label={t("field.name")} required autoFocus />
      <TextField
        name="mobile"
        label={t("field.mobile")}
        type="tel"
        description={t("form.mobile_hint")}
      />
      <TextField name="email" label={t("field.email")} type="email" />
      <TextField name="national_id" label={t("field.national_id")} />
      <SelectField name="zone_id" label={t("field.zone")} data={[none, ...zones]} />
      {operators.length > 0 && (
        <SelectField name="operator_id" label={operatorWord} data={[none, ...operators]} />
      )}
      <TextAreaField name="address" label={t("field.address")} />
      <TextAreaField name="notes" label={t("field.notes")} />
    </SimpleGrid>
  );
}

function ServiceFields() {
  const t = useT();
  const choices = useChoices();
  const { choices: packages } = usePackageChoices();
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
      <SelectField
        name="connection_type"
        label={t("field.connection_type")}
        data={choices(CONNECTION_TYPES, "connection_type")}
      />
      <SelectField
        name="package_id"
        label={t("field.package")}
        required
        data={[{ value: "", label: t("form.choose") }, ...packages]}
      />
      <TextField name="username" label={t("field.username")} required autoComplete="off" />
      <PasswordField
        name="password"
        label={t("field.service_password")}
        required
        autoComplete="off"
      />
      <SelectField
        name="billing_type"
        label={t("field.billing_type")}
        data={choices(BILLING_TYPES, "billing_type", "form.as_package")}
      />
      <TextField
        name="expires_on"
        type="date"
        label={t("field.expires_at")}
        description={t("form.expiry_hint")}
      />
      <TextField name="static_ipv4" label={t("field.static_ipv4")} inputMode="decimal" />
      <CheckField name="auto_renew" label={t("field.auto_renew")} mt={28} />
    </SimpleGrid>
  );
}

function toRequest(values: Values, timeZone: string) {
  return {
    name: values.name.trim(),
    username: values.username.trim(),
    password: values.password,
    connection_type: values.connection_type,
    package_id: values.package_id,
    billing_type: values.billing_type === "" ? null : values.billing_type,
    mobile: blankToNull(values.mobile),
    email: blankToNull(values.email),
    national_id: blankToNull(values.national_id),
    zone_id: blankToNull(values.zone_id),
    operator_id: blankToNull(values.operator_id),
    address: blankToNull(values.address),
    static_ipv4: blankToNull(values.static_ipv4),
    expires_at: values.expires_on === "" ? null : endOfDay(values.expires_on, timeZone),
    notes: blankToNull(values.notes),
    auto_renew: values.auto_renew,
  };
}
