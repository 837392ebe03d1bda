import { Alert, SimpleGrid } from "@mantine/core";
import { useWatch } from "react-hook-form";
import { useFormat } from "@/api/format";
import { useT } from "@/i18n";
import { monthsEarlier } from "@/lib/dates";
import { numberOrNull } from "@/lib/object";
import { CheckField, TextField } from "@/ui/fields";
import { forgetsMore, isKeepingTime } from "./retention";

/** For how long ended sessions are kept, and what that deletes. */
export function HistoryFields({ saved }: { saved: number | null }) {
  const t = useT();
  const format = useFormat();
  const text = useWatch<{ keep_sessions_months: string }, "keep_sessions_months">({
    name: "keep_sessions_months",
  });
  const months = isKeepingTime(text) ? numberOrNull(text) : saved;
  const before = monthsEarlier(new Date().toISOString(), months ?? 0);
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm" mb="sm">
        <TextField
          name="keep_sessions_months"
          label={t("settings.keep_sessions")}
          description={t("settings.keep_sessions_hint")}
          inputMode="numeric"
        />
      </SimpleGrid>
      <Alert color={months === null ? "gray" : "orange"} variant="light" mb="sm" role="status">
        {months === null
          ? t("settings.forgets_nothing")
          : t("settings.forgets", { date: format.date(before), months })}
      </Alert>
      {forgetsMore(saved, months) && (
        <CheckField name="agrees_to_forget" label={t("settings.agree_to_forget")} />
      )}
    </>
  );
}
