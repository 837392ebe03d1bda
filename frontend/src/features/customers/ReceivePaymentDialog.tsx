import { Group, Text } from "@mantine/core";
import { useState } from "react";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { Balance } from "@/api/Balance";
import { useCurrency, useFormat } from "@/api/format";
import { receivePayment } from "@/api/mutations";
import { ProblemError } from "@/api/problems";
import type { Customer, Schema } from "@/api/types";
import { useT } from "@/i18n";
import { newIdempotencyKey } from "@/lib/ids";
import { moneySign, withoutSign } from "@/lib/money";
import { blankToNull } from "@/lib/object";
import { amountOf, amountText } from "@/ui/amount";
import {
  AmountField,
  CheckField,
  SelectField,
  TextAreaField,
  TextField,
  useChoices,
} from "@/ui/fields";

const METHODS = ["cash", "mobile_money", "bank_transfer", "card", "cheque"] as const;

const schemaIn = (currency: string) =>
  z.object({
    amount: amountText(currency),
    method: z.enum(METHODS),
    reference: z.string(),
    note: z.string(),
    renew: z.boolean(),
    allow_repeated_reference: z.boolean(),
  });

/** Money received. One key per opening, so that a second click cannot book it twice. */
export function ReceivePaymentDialog(props: { customer: Customer; onClose: () => void }) {
  const t = useT();
  const choices = useChoices();
  const currency = useCurrency();
  const format = useFormat();
  const [key] = useState(newIdempotencyKey);
  const [earlier, setEarlier] = useState<EarlierPayment | null>(null);
  // Agreed to one reference, nobody has agreed to another that is typed afterwards.
  const [asked, setAsked] = useState("");
  const { customer, onClose } = props;
  return (
    <DialogForm
      title={t("customer_action.receive_payment")}
      schema={schemaIn(currency)}
      defaults={{
        amount: proposedAmount(customer),
        method: "cash",
        reference: "",
        note: "",
        renew: customer.status === "suspended" || customer.status === "expired",
        allow_repeated_reference: false,
      }}
      submitLabel={t("payment.receive")}
      saved="payment.received"
      onSubmit={async (values) => {
        const booked = receivePayment(customer.id, key, {
          amount: amountOf(values.amount, currency) ?? { amount: values.amount, currency },
          method: values.method,
          reference: blankToNull(values.reference),
          note: blankToNull(values.note),
          renew: values.renew,
          allow_repeated_reference:
            values.allow_repeated_reference && asked === values.method + values.reference,
        });
        await booked.catch((error: unknown) => {
          setEarlier(whoHasReference(error));
          setAsked(values.method + values.reference);
          throw error;
        });
      }}
      onClose={onClose}
    >
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {customer.name}
        </Text>
        <Text size="sm" component="div">
          <Balance money={customer.balance} />
        </Text>
      </Group>
      <AmountField
        name="amount"
        currency={currency}
        label={t("field.amount_in", { currency })}
        description={t("payment.price_hint", { price: format.money(customer.price) })}
        data-autofocus
      />
      <SelectField name="method" label={t("field.method")} data={choices(METHODS, "method")} />
      <TextField name="reference" label={t("field.reference")} />
      {earlier !== null && (
        <CheckField
          name="allow_repeated_reference"
          label={t("payment.record_again")}
          description={
            earlier.receipt_number === ""
              ? t("payment.record_again_hint")
              : t("payment.reference_of", {
                  receipt: earlier.receipt_number,
                  name: earlier.customer_name,
                })
          }
        />
      )}
      <TextAreaField name="note" label={t("field.note")} minRows={1} />
      <CheckField name="renew" label={t("payment.renew")} description={t("payment.renew_hint")} />
    </DialogForm>
  );
}

type EarlierPayment = Pick<Schema<"EarlierPayment">, "receipt_number" | "customer_name">;

/** The payment that has the reference; without a name where the person may not see it. */
function whoHasReference(error: unknown): EarlierPayment | null {
  if (!(error instanceof ProblemError) || error.code !== "reference_used") return null;
  return error.problem.earlier_payment ?? { receipt_number: "", customer_name: "" };
}

/** What is owed, else the price of one period; both come from the server. */
function proposedAmount(customer: Customer): string {
  const owes = moneySign(customer.balance) < 0;
  return (owes ? withoutSign(customer.balance) : customer.price).amount;
}
