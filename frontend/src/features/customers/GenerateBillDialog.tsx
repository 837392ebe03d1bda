import { SimpleGrid, Text } from "@mantine/core";
import { useState } from "react";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { useCurrency, useTimeZone } from "@/api/format";
import { generateBill } from "@/api/mutations";
import type { Customer } from "@/api/types";
import { useT } from "@/i18n";
import { endOfDay, startOfDay } from "@/lib/dates";
import { newIdempotencyKey } from "@/lib/ids";
import { blankToNull } from "@/lib/object";
import { amountOf, amountOrBlank } from "@/ui/amount";
import { AmountField, CheckField, TextField } from "@/ui/fields";

const schemaIn = (currency: string) =>
  z.object({
    amount: amountOrBlank(currency),
    period_start: z.string(),
    period_end: z.string(),
    due_at: z.string(),
    description: z.string(),
    force: z.boolean(),
  });

const DEFAULTS = {
  amount: "",
  period_start: "",
  period_end: "",
  due_at: "",
  description: "",
  force: false,
};

/** A bill for the next period, or for what the person types instead. */
export function GenerateBillDialog(props: { customer: Customer; onClose: () => void }) {
  const t = useT();
  const currency = useCurrency();
  const timeZone = useTimeZone();
  const [key] = useState(newIdempotencyKey);
  const { customer, onClose } = props;
  const send = (values: z.infer<ReturnType<typeof schemaIn>>) => {
    const from = values.period_start;
    return generateBill(customer.id, key, {
      amount: amountOf(values.amount, currency),
      period_start: from === "" ? null : startOfDay(from, timeZone),
      // The API's period is half open: it ends where the next one starts.
      period_end: values.period_end === "" ? null : startOfDay(values.period_end, timeZone),
      due_at: values.due_at === "" ? null : endOfDay(values.due_at, timeZone),
      description: blankToNull(values.description),
      force: values.force,
    });
  };
  return (
    <DialogForm
      title={t("customer_action.generate_bill")}
      schema={schemaIn(currency)}
      defaults={DEFAULTS}
      submitLabel={t("customer_action.generate_bill")}
      saved="bill.generated"
      onSubmit={send}
      onClose={onClose}
    >
      <Text size="sm">{t("bill.hint", { name: customer.name })}</Text>
      <AmountField
        name="amount"
        currency={currency}
        label={t("field.amount_in", { currency })}
        description={t("bill.amount_hint")}
        data-autofocus
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextField name="period_start" type="date" label={t("field.period_start")} />
        <TextField name="period_end" type="date" label={t("field.period_end")} />
        <TextField name="due_at" type="date" label={t("field.due_at")} />
        <TextField name="description" label={t("field.description")} />
      </SimpleGrid>
      <CheckField name="force" label={t("bill.force")} />
    </DialogForm>
  );
}
