import { Text } from "@mantine/core";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { suspendCustomer } from "@/api/mutations";
import type { Customer } from "@/api/types";
import { useT } from "@/i18n";
import { blankToNull } from "@/lib/object";
import { SelectField, TextAreaField, useChoices } from "@/ui/fields";

const REASONS = ["non_payment", "violation", "maintenance", "customer_request", "other"] as const;

const schema = z.object({ reason: z.enum(REASONS), note: z.string() });

export function SuspendDialog(props: { customer: Customer; onClose: () => void }) {
  const t = useT();
  const choices = useChoices();
  const { customer, onClose } = props;
  return (
    <DialogForm
      title={t("customer_action.suspend")}
      schema={schema}
      defaults={{ reason: "non_payment", note: "" }}
      submitLabel={t("customer_action.suspend")}
      saved="suspend.done"
      danger
      onSubmit={({ reason, note }) =>
        suspendCustomer(customer.id, { reason, note: blankToNull(note) })
      }
      onClose={onClose}
    >
      <Text size="sm">{t("suspend.question", { name: customer.name })}</Text>
      <SelectField
        name="reason"
        label={t("field.reason")}
        data={choices(REASONS, "suspend_reason")}
      />
      <TextAreaField name="note" label={t("field.note")} />
    </DialogForm>
  );
}
