import { SimpleGrid } from "@mantine/core";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { useZoneChoices } from "@/api/choices";
import { editCustomer } from "@/api/mutations";
import type { Customer } from "@/api/types";
import { useT } from "@/i18n";
import { blankToNull } from "@/lib/object";
import { CheckField, SelectField, TextAreaField, TextField } from "@/ui/fields";

const required = z.string().check(z.trim(), z.minLength(1, "form.required"));

const schema = z.object({
  name: required,
  username: required,
  mobile: z.string(),
  email: z.string(),
  national_id: z.string(),
  zone_id: z.string(),
  address: z.string(),
  static_ipv4: z.string(),
  notes: z.string(),
  auto_renew: z.boolean(),
});

/** Edits the version that was on screen; a newer one elsewhere is not overwritten. */
export function EditCustomerDialog(props: {
  customer: Customer;
  etag: string;
  onClose: () => void;
}) {
  const t = useT();
  const zones = useZoneChoices();
  const { customer, etag, onClose } = props;
  const defaults = {
    name: customer.name,
    username: customer.username,
    mobile: customer.mobile ?? "",
    email: customer.email ?? "",
    national_id: customer.national_id ?? "",
    zone_id: customer.zone?.id ?? "",
    address: customer.address ?? "",
    static_ipv4: customer.static_ipv4 ?? "",
    notes: customer.notes ?? "",
    auto_renew: customer.auto_renew,
  };
  return (
    <DialogForm
      title={t("edit.title", { name: customer.name })}
      size="lg"
      schema={schema}
      defaults={defaults}
      submitLabel={t("action.save")}
      saved="edit.saved"
      onSubmit={(values) => editCustomer(customer.id, etag, changesOf(values, defaults))}
      onClose={onClose}
    >
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <TextField name="name" label={t("field.name")} required data-autofocus />
        <TextField name="username" label={t("field.username")} required />
        <TextField name="mobile" label={t("field.mobile")} type="tel" />
        <TextField name="email" label={t("field.email")} type="email" />
        <TextField name="national_id" label={t("field.national_id")} />
        <SelectField
          name="zone_id"
          label={t("field.zone")}
          data={[{ value: "", label: t("form.none") }, ...zones]}
        />
        <TextField name="static_ipv4" label={t("field.static_ipv4")} inputMode="decimal" />
        <CheckField name="auto_renew" label={t("field.auto_renew")} mt={28} />
        <TextAreaField name="address" label={t("field.address")} />
        <TextAreaField name="notes" label={t("field.notes")} />
      </SimpleGrid>
    </DialogForm>
  );
}

type Values = z.infer<typeof schema>;

/** Only what was changed is sent; an emptied field is cleared with null. */
function changesOf(values: Values, before: Values) {
  const changed = Object.entries(values).filter(
    ([key, value]) => value !== before[key as keyof Values],
  );
  return Object.fromEntries(
    changed.map(([key, value]) => [key, typeof value === "string" ? blankToNull(value) : value]),
  );
}
