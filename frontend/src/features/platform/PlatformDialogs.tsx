import { SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { createIsp, createTenancy } from "@/api/mutations";
import { useCan } from "@/api/permissions";
import { tenanciesQuery } from "@/api/query";
import { useT } from "@/i18n";
import { blankToNull } from "@/lib/object";
import { PasswordField, SelectField, TextField } from "@/ui/fields";

const required = z.string().check(z.trim(), z.minLength(1, "form.required"));
const person = z.object({
  name: required,
  login: required,
  password: z.string().check(z.minLength(10, "form.password_length")),
});
const NOBODY = { name: "", login: "", password: "" };
const CURRENCIES = ["BDT", "INR", "PKR", "NPR", "LKR", "MMK", "USD"];
const COUNTRIES = ["BD", "IN", "PK", "NP", "LK", "MM"];
const ZONES = [
  "Asia/Dhaka",
  "Asia/Kolkata",
  "Asia/Karachi",
  "Asia/Kathmandu",
  "Asia/Colombo",
  "Asia/Yangon",
  "UTC",
];

const ispSchema = z.object({
  tenancy_id: z.string(),
  name: required,
  currency: z.string(),
  time_zone: z.string(),
  country: z.string(),
  admin: person,
});

/** A new ISP together with its first administrator. */
export function CreateIspDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const enabled = useCan()("manage_tenancies");
  const tenancies = useQuery({ ...tenanciesQuery, enabled }).data?.items ?? [];
  return (
    <DialogForm
      title={t("platform.create_isp")}
      size="lg"
      schema={ispSchema}
      defaults={{
        tenancy_id: "",
        name: "",
        currency: "BDT",
        time_zone: "Asia/Dhaka",
        country: "BD",
        admin: NOBODY,
      }}
      submitLabel={t("platform.create_isp")}
      saved="platform.isp_created"
      onSubmit={({ tenancy_id, ...values }) =>
        createIsp({ ...values, tenancy_id: blankToNull(tenancy_id) })
      }
      onClose={onClose}
    >
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextField name="name" label={t("field.name")} required data-autofocus />
        {enabled && (
          <SelectField
            name="tenancy_id"
            label={t("platform.tenancy")}
            data={[
              { value: "", label: t("form.choose") },
              ...tenancies.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        )}
        <SelectField name="country" label={t("field.country")} data={COUNTRIES} />
        <SelectField name="currency" label={t("field.currency")} data={CURRENCIES} />
        <SelectField name="time_zone" label={t("field.time_zone")} data={ZONES} />
      </SimpleGrid>
      <FirstPerson at="admin" legend={t("platform.first_admin")} />
    </DialogForm>
  );
}

const tenancySchema = z.object({ name: required, super_admin: person });

/** A new tenancy together with its owner. */
export function CreateTenancyDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  return (
    <DialogForm
      title={t("platform.create_tenancy")}
      schema={tenancySchema}
      defaults={{ name: "", super_admin: NOBODY }}
      submitLabel={t("platform.create_tenancy")}
      saved="platform.tenancy_created"
      onSubmit={(values) => createTenancy(values)}
      onClose={onClose}
    >
      <TextField name="name" label={t("field.name")} required data-autofocus />
      <FirstPerson at="super_admin" legend={t("platform.first_super_admin")} />
    </DialogForm>
  );
}

function FirstPerson({ at, legend }: { at: string; legend: string }) {
  const t = useT();
  return (
    <fieldset
      style={{ border: "1px solid var(--lm-line)", borderRadius: 6, padding: 12, margin: 0 }}
    >
      <legend style={{ padding: "0 6px", fontSize: 13 }}>{legend}</legend>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextField name={`${at}.name`} label={t("field.name")} required />
        <TextField name={`${at}.login`} label={t("field.login")} required autoComplete="off" />
        <PasswordField
          name={`${at}.password`}
          label={t("field.first_password")}
          autoComplete="new-password"
          required
        />
      </SimpleGrid>
    </fieldset>
  );
}
