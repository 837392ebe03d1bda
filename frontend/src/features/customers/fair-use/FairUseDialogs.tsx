import { Text } from "@mantine/core";
import { useFormContext, useWatch } from "react-hook-form";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { useTimeZone } from "@/api/format";
import { activateFairUse, deactivateFairUse, resetFairUse } from "@/api/networkMutations";
import type { Customer, Schema } from "@/api/types";
import { useT } from "@/i18n";
import { instantOf } from "@/lib/dates";
import { blankToNull } from "@/lib/object";
import { SelectField, TextAreaField, TextField, useChoices } from "@/ui/fields";
import { useTierWords } from "./tierWords";

interface DialogProps {
  customer: Customer;
  onClose: () => void;
}

const HOW_LONG = ["window", "until", "indefinitely"] as const;

const decisionSchema = z
  .object({
    tier: z.string(),
    how_long: z.enum(HOW_LONG),
    until: z.string(),
    note: z.string(),
  })
  .check(
    z.refine((values) => values.how_long !== "until" || values.until !== "", {
      path: ["until"],
      error: "form.date",
    }),
  );

type Decision = z.infer<typeof decisionSchema>;

const UNDECIDED: Decision = { tier: "1", how_long: "window", until: "", note: "" };

function useDecision() {
  const timeZone = useTimeZone();
  return (values: Decision) => ({
    note: blankToNull(values.note),
    ...(values.how_long === "until" ? { until: instantOf(values.until, timeZone) } : {}),
    ...(values.how_long === "indefinitely" ? { indefinitely: true } : {}),
  });
}

/** Puts a tier in force whatever was used. */
export function ActivateDialog(props: DialogProps & { tiers: Schema<"FairUseTier">[] }) {
  const t = useT();
  const words = useTierWords();
  const decision = useDecision();
  const { customer, tiers, onClose } = props;
  return (
    <DialogForm
      title={t("fair_use.activate")}
      schema={decisionSchema}
      defaults={UNDECIDED}
      submitLabel={t("fair_use.activate")}
      saved="fair_use.activated"
      onSubmit={(values) =>
        activateFairUse(customer.id, { tier: Number(values.tier), ...decision(values) })
      }
      onClose={onClose}
    >
      <Text size="sm">{t("fair_use.activate_hint", { name: customer.name })}</Text>
      <SelectField
        name="tier"
        label={t("fair_use.tier_column")}
        data={tiers.map((tier, at) => ({
          value: String(at + 1),
          label: `${t("fair_use.tier", { tier: at + 1 })}: ${words.effect(tier)}`,
        }))}
      />
      <HowLong />
    </DialogForm>
  );
}

/** Exempts the customer whatever was used. */
export function DeactivateDialog({ customer, onClose }: DialogProps) {
  const t = useT();
  const decision = useDecision();
  return (
    <DialogForm
      title={t("fair_use.deactivate")}
      schema={decisionSchema}
      defaults={UNDECIDED}
      submitLabel={t("fair_use.deactivate")}
      saved="fair_use.deactivated"
      onSubmit={(values) => deactivateFairUse(customer.id, decision(values))}
      onClose={onClose}
    >
      <Text size="sm">{t("fair_use.deactivate_hint", { name: customer.name })}</Text>
      <HowLong />
    </DialogForm>
  );
}

function HowLong() {
  const t = useT();
  const choices = useChoices();
  const { control } = useFormContext<Decision>();
  const howLong = useWatch({ control, name: "how_long" });
  return (
    <>
      <SelectField
        name="how_long"
        label={t("fair_use.for_how_long")}
        data={choices(HOW_LONG, "how_long")}
      />
      {howLong === "until" && (
        <TextField name="until" type="datetime-local" label={t("limits.until")} required />
      )}
      <TextAreaField name="note" label={t("field.note")} />
    </>
  );
}

const noteSchema = z.object({ note: z.string() });

/** Begins the count of the window anew. */
export function ResetDialog({ customer, onClose }: DialogProps) {
  const t = useT();
  return (
    <DialogForm
      title={t("fair_use.reset")}
      schema={noteSchema}
      defaults={{ note: "" }}
      submitLabel={t("fair_use.reset")}
      saved="fair_use.reset_done"
      onSubmit={(values) => resetFairUse(customer.id, { note: blankToNull(values.note) })}
      onClose={onClose}
    >
      <Text size="sm">{t("fair_use.reset_hint", { name: customer.name })}</Text>
      <TextAreaField name="note" label={t("field.note")} />
    </DialogForm>
  );
}
