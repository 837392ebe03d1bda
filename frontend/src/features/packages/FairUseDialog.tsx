import { Button, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useFieldArray } from "react-hook-form";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { Loaded } from "@/api/Loaded";
import { setFairUse } from "@/api/networkMutations";
import { packageFairUseQuery } from "@/api/networkQuery";
import type { Package, Schema } from "@/api/types";
import { NO_VOLUME, octetsOrNull, volumeInput, volumeSchema } from "@/api/volumes";
import { useT } from "@/i18n";
import { blankToNull, numberOrNull } from "@/lib/object";
import {
  CheckField,
  PartMessage,
  SelectField,
  TextField,
  useChoices,
  VolumeField,
} from "@/ui/fields";
import { Simulation } from "./Simulation";

type Policy = Schema<"FairUsePolicy">;
type Tier = Policy["tiers"][number];

const WINDOWS = ["day", "week", "month", "period"] as const;
const COUNTS = ["total", "upload", "download"] as const;
const SECONDS_PER_HOUR = 3600;
const MOST_TIERS = 8;
const USUAL_NOTICE = 80;

const wholeOrBlank = z.string().check(z.regex(/^\d{0,9}$/, "form.number"));
const hoursOrBlank = z.string().check(z.regex(/^(\d{1,4}(\.\d{1,2})?)?$/, "form.number"));

const tierSchema = z.object({
  after: volumeSchema,
  after_hours: hoursOrBlank,
  both: z.boolean(),
  down_kbps: wholeOrBlank,
  up_kbps: wholeOrBlank,
  pool: z.string(),
  address_list: z.string(),
});

const schema = z.object({
  window: z.enum(WINDOWS),
  counts: z.enum(COUNTS),
  notify_percent: z.string().check(z.regex(/^\d{1,2}$/, "form.number")),
  tiers: z.array(tierSchema),
});

export type FairUseValues = z.infer<typeof schema>;
type TierValues = FairUseValues["tiers"][number];

const NEW_TIER: TierValues = {
  after: NO_VOLUME,
  after_hours: "",
  both: false,
  down_kbps: "",
  up_kbps: "",
  pool: "",
  address_list: "",
};

interface FairUseDialogProps {
  entry: Package;
  onRemove: () => void;
  onClose: () => void;
}

/** The fair-use policy of a package: after how much use which speed applies. */
export function FairUseDialog(props: FairUseDialogProps) {
  const query = useQuery(packageFairUseQuery(props.entry.id));
  return (
    <Loaded query={query}>
      {({ policy }) => <PolicyForm {...props} policy={policy ?? null} />}
    </Loaded>
  );
}

function PolicyForm(props: FairUseDialogProps & { policy: Policy | null }) {
  const t = useT();
  const choices = useChoices();
  const { entry, policy } = props;
  return (
    <DialogForm
      title={t("fair_use.edit_of", { name: entry.name })}
      size="xl"
      schema={schema}
      defaults={valuesOf(policy)}
      submitLabel={t("action.save")}
      saved="fair_use.saved"
      onSubmit={(values) => setFairUse(entry.id, policyOf(values))}
      onClose={props.onClose}
    >
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
        <SelectField
          name="window"
          label={t("fair_use.window")}
          data={choices(WINDOWS, "usage_window")}
        />
        <SelectField
          name="counts"
          label={t("fair_use.counts")}
          data={choices(COUNTS, "usage_counts")}
        />
        <TextField
          name="notify_percent"
          label={t("fair_use.notify_percent")}
          description={t("fair_use.notify_hint")}
          inputMode="numeric"
        />
      </SimpleGrid>
      <Tiers />
      <Simulation packageId={entry.id} policyOf={policyOf} />
      {policy !== null && (
        <Group>
          <Button size="compact-sm" variant="subtle" color="red" onClick={props.onRemove}>
            {t("fair_use.remove")}
          </Button>
        </Group>
      )}
    </DialogForm>
  );
}

function Tiers() {
  const t = useT();
  const { fields, append, remove } = useFieldArray<FairUseValues, "tiers">({ name: "tiers" });
  return (
    <Stack gap="sm">
      {fields.map((field, at) => (
        <fieldset key={field.id} className="lm-fieldset">
          <legend>{t("fair_use.tier", { tier: at + 1 })}</legend>
          <TierFields name={`tiers.${at}`} />
          {fields.length > 1 && (
            <Button
              size="compact-xs"
              variant="subtle"
              color="red"
              mt="xs"
              onClick={() => remove(at)}
            >
              {t("fair_use.remove_tier", { tier: at + 1 })}
            </Button>
          )}
        </fieldset>
      ))}
      <PartMessage name="tiers" />
      {fields.length < MOST_TIERS && (
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<Plus size={14} />}
            onClick={() => append(NEW_TIER)}
          >
            {t("fair_use.add_tier")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function TierFields({ name }: { name: string }) {
  const t = useT();
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      <VolumeField name={`${name}.after`} label={t("fair_use.after_amount")} />
      <TextField
        name={`${name}.after_hours`}
        label={t("fair_use.after_hours")}
        inputMode="decimal"
      />
      <TextField name={`${name}.down_kbps`} label={t("field.down_kbps")} inputMode="numeric" />
      <TextField name={`${name}.up_kbps`} label={t("field.up_kbps")} inputMode="numeric" />
      <TextField name={`${name}.pool`} label={t("field.pool")} />
      <TextField name={`${name}.address_list`} label={t("field.address_list")} />
      <CheckField name={`${name}.both`} label={t("fair_use.both_needed")} />
      <Text size="xs" c="dimmed">
        {t("fair_use.one_threshold")} {t("fair_use.one_effect")}
      </Text>
    </SimpleGrid>
  );
}

function valuesOf(policy: Policy | null): FairUseValues {
  return {
    window: policy?.window ?? "month",
    counts: policy?.counts ?? "total",
    notify_percent: String(policy?.notify_percent ?? USUAL_NOTICE),
    tiers: policy?.tiers.map(tierValuesOf) ?? [NEW_TIER],
  };
}

function tierValuesOf(tier: Tier): TierValues {
  const seconds = tier.after_seconds;
  return {
    after: volumeInput(tier.after_octets),
    after_hours: seconds ? String(Number((seconds / SECONDS_PER_HOUR).toFixed(2))) : "",
    both: tier.needs === "all",
    down_kbps: String(tier.down_kbps ?? ""),
    up_kbps: String(tier.up_kbps ?? ""),
    pool: tier.pool ?? "",
    address_list: tier.address_list ?? "",
  };
}

function policyOf(values: FairUseValues): Policy {
  return {
    window: values.window,
    counts: values.counts,
    notify_percent: Number(values.notify_percent),
    tiers: values.tiers.map((tier) => {
      const hours = numberOrNull(tier.after_hours);
      return {
        after_octets: octetsOrNull(tier.after),
        after_seconds: hours === null ? null : Math.round(hours * SECONDS_PER_HOUR),
        needs: tier.both ? "all" : "any",
        down_kbps: numberOrNull(tier.down_kbps),
        up_kbps: numberOrNull(tier.up_kbps),
        pool: blankToNull(tier.pool),
        address_list: blankToNull(tier.address_list),
      };
    }),
  };
}
