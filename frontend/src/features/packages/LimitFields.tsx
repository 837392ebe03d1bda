import { SimpleGrid, Stack } from "@mantine/core";
import { useFormContext, useWatch } from "react-hook-form";
import { useT } from "@/i18n";
import { CheckField, SelectField, TextField, useChoices, VolumeField } from "@/ui/fields";
import { COUNTS, EFFECTS, type PackageValues, WINDOWS } from "./packageForm";

/** How much a customer may use, and what happens then. */
export function LimitFields() {
  const t = useT();
  const choices = useChoices();
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <VolumeField
          name="volume_limit.volume"
          label={t("package.volume_limit")}
          description={t("package.limits_hint")}
        />
        <SelectField
          name="volume_limit.counts"
          label={t("fair_use.counts")}
          data={choices(COUNTS, "usage_counts")}
        />
        <Consequence name="volume_limit" />
        <CheckField name="volume_limit.rollover" label={t("package.rollover")} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextField
          name="time_limit.hours"
          label={t("package.time_limit")}
          description={t("package.limits_hint")}
          inputMode="decimal"
        />
        <span />
        <Consequence name="time_limit" />
      </SimpleGrid>
    </Stack>
  );
}

function Consequence({ name }: { name: "volume_limit" | "time_limit" }) {
  const t = useT();
  const choices = useChoices();
  const { control } = useFormContext<PackageValues>();
  const effect = useWatch({ control, name: `${name}.on_reached` });
  return (
    <>
      <SelectField
        name={`${name}.window`}
        label={t("fair_use.window")}
        data={choices(WINDOWS, "usage_window")}
      />
      <SelectField
        name={`${name}.on_reached`}
        label={t("package.on_reached")}
        data={choices(EFFECTS, "limit_effect")}
      />
      {effect === "throttle" && (
        <>
          <TextField
            name={`${name}.throttled_down`}
            label={t("package.throttled_down")}
            inputMode="numeric"
          />
          <TextField
            name={`${name}.throttled_up`}
            label={t("package.throttled_up")}
            inputMode="numeric"
          />
        </>
      )}
    </>
  );
}
