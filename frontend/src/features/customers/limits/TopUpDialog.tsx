import { Text } from "@mantine/core";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { grantTopUp } from "@/api/networkMutations";
import type { Customer, Schema } from "@/api/types";
import { NO_VOLUME, octetsOrNull, volumeSchema } from "@/api/volumes";
import { useT } from "@/i18n";
import { blankToNull, numberOrNull } from "@/lib/object";
import { TextField, VolumeField } from "@/ui/fields";

const SECONDS_PER_HOUR = 3600;

const schema = z
  .object({
    octets: volumeSchema,
    seconds: z.string().check(z.regex(/^(\d{1,4}(\.\d{1,2})?)?$/, "form.number")),
    reason: z.string(),
  })
  .check(
    z.refine((values) => values.octets.amount.trim() !== "" || values.seconds !== "", {
      path: ["octets"],
      error: "limits.grant_needs",
    }),
  );

interface TopUpDialogProps {
  customer: Customer;
  limits: Schema<"LimitView">[];
  onClose: () => void;
}

/** Grants more than the package gives, until the window ends. */
export function TopUpDialog({ customer, limits, onClose }: TopUpDialogProps) {
  const t = useT();
  const limited = (unit: "octets" | "seconds") => limits.some((limit) => limit.unit === unit);
  return (
    <DialogForm
      title={t("limits.grant")}
      schema={schema}
      defaults={{ octets: NO_VOLUME, seconds: "", reason: "" }}
      submitLabel={t("limits.grant")}
      saved="limits.granted"
      onSubmit={(values) =>
        grantTopUp(customer.id, {
          octets: octetsOrNull(values.octets) ?? 0,
          seconds: Math.round((numberOrNull(values.seconds) ?? 0) * SECONDS_PER_HOUR),
          reason: blankToNull(values.reason),
        })
      }
      onClose={onClose}
    >
      <Text size="sm">{t("limits.grant_hint", { name: customer.name })}</Text>
      {limited("octets") && (
        <VolumeField name="octets" label={t("limits.volume_field")} data-autofocus />
      )}
      {limited("seconds") && (
        <TextField name="seconds" label={t("limits.hours")} inputMode="decimal" />
      )}
      <TextField name="reason" label={t("field.reason")} />
    </DialogForm>
  );
}
