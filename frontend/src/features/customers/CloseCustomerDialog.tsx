import { Text } from "@mantine/core";
import { useMemo } from "react";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { closeCustomer } from "@/api/mutations";
import type { Customer } from "@/api/types";
import { useT } from "@/i18n";
import { blankToNull } from "@/lib/object";
import { PasswordField, TextAreaField, TextField } from "@/ui/fields";

/** Ending a customer needs their name typed and the own password again. */
export function CloseCustomerDialog(props: { customer: Customer; onClose: () => void }) {
  const t = useT();
  const { customer, onClose } = props;
  const schema = useMemo(
    () =>
      z.object({
        name: z
          .string()
          .check(z.refine((typed) => typed.trim() === customer.name.trim(), "form.name_differs")),
        password: z.string().check(z.minLength(1, "form.required")),
        note: z.string(),
      }),
    [customer.name],
  );
  return (
    <DialogForm
      title={t("customer_action.close")}
      schema={schema}
      defaults={{ name: "", password: "", note: "" }}
      submitLabel={t("customer_action.close")}
      saved="close.done"
      danger
      onSubmit={({ password, note }) =>
        closeCustomer(customer.id, { password, note: blankToNull(note) })
      }
      onClose={onClose}
    >
      <Text size="sm">{t("close.question", { name: customer.name })}</Text>
      <TextField
        name="name"
        label={t("close.type_name")}
        description={customer.name}
        autoComplete="off"
        data-autofocus
      />
      <PasswordField
        name="password"
        label={t("field.your_password")}
        autoComplete="current-password"
      />
      <TextAreaField name="note" label={t("field.note")} minRows={1} />
    </DialogForm>
  );
}
