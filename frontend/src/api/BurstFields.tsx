import { SimpleGrid } from "@mantine/core";
import { useT } from "@/i18n";
import { TextField } from "@/ui/fields";

/** The fields of a burst, of a form that keeps it as `burst`. */
export function BurstFields() {
  const t = useT();
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      <TextField name="burst.down_kbps" label={t("package.burst_down")} inputMode="numeric" />
      <TextField name="burst.up_kbps" label={t("package.burst_up")} inputMode="numeric" />
      <TextField
        name="burst.threshold_down_kbps"
        label={t("package.threshold_down")}
        inputMode="numeric"
      />
      <TextField
        name="burst.threshold_up_kbps"
        label={t("package.threshold_up")}
        inputMode="numeric"
      />
      <TextField name="burst.seconds" label={t("package.burst_seconds")} inputMode="numeric" />
    </SimpleGrid>
  );
}
