import { SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import * as z from "zod/mini";
import { AppForm } from "@/api/AppForm";
import { Loaded } from "@/api/Loaded";
import { editSettings } from "@/api/mutations";
import { settingsQuery } from "@/api/query";
import type { Settings } from "@/api/types";
import { useT } from "@/i18n";
import { blankToNull, numberOrNull } from "@/lib/object";
import { SelectField, TextField, useChoices } from "@/ui/fields";
import { Page, Panel } from "@/ui/Page";
import { HistoryFields } from "./HistoryFields";
import { forgetsMore, isKeepingTime } from "./retention";

const ACCESS = ["walled", "reject"] as const;
const whole = z.string().check(z.regex(/^\d{1,6}$/, "form.number"));

const fields = z.object({
  suspended_access: z.enum(ACCESS),
  suspended_pool: z.string(),
  suspended_address_list: z.string(),
  suspended_rate_kbps: z.string().check(z.regex(/^\d{0,9}$/, "form.number")),
  grace_days: whole,
  interim_seconds: whole,
  operator_label: z.string(),
  sub_operator_label: z.string(),
  radius_operator_name: z.string(),
  keep_sessions_months: z.string().check(z.refine(isKeepingTime, "settings.months_range")),
  agrees_to_forget: z.boolean(),
});

type Values = z.infer<typeof fields>;

/** Sessions are not deleted by a slip of the finger: whoever shortens the time must say so. */
function schemaFor(saved: number | null) {
  return fields.check(
    z.refine(
      (values) =>
        values.agrees_to_forget || !forgetsMore(saved, numberOrNull(values.keep_sessions_months)),
      { error: "form.agree", path: ["agrees_to_forget"] },
    ),
  );
}

/** How this ISP treats suspended customers, its own words, and for how long it remembers. */
export function SettingsPage() {
  const t = useT();
  return (
    <Page title={t("nav.settings")}>
      <Loaded query={useQuery(settingsQuery)}>
        {(settings) => <SettingsForm settings={settings} />}
      </Loaded>
    </Page>
  );
}

function SettingsForm({ settings }: { settings: Settings }) {
  const t = useT();
  const kept = settings.keep_sessions_months ?? null;
  return (
    <div style={{ maxWidth: 860 }}>
      <AppForm
        schema={schemaFor(kept)}
        defaults={toValues(settings)}
        submitLabel={t("action.save")}
        saved="edit.saved"
        onSubmit={(values) => editSettings(toRequest(values))}
      >
        <Panel title={t("settings.suspended")}>
          <SuspendedFields />
        </Panel>
        <Panel title={t("settings.service")}>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            <TextField
              name="grace_days"
              label={t("settings.grace_days")}
              description={t("settings.grace_hint")}
              inputMode="numeric"
            />
            <TextField
              name="interim_seconds"
              label={t("settings.interim_seconds")}
              description={t("settings.interim_hint")}
              inputMode="numeric"
            />
            <TextField name="operator_label" label={t("settings.operator_label")} />
            <TextField name="sub_operator_label" label={t("settings.sub_operator_label")} />
          </SimpleGrid>
        </Panel>
        <Panel title={t("settings.roaming")}>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            <TextField
              name="radius_operator_name"
              label={t("settings.operator_name")}
              description={t("settings.operator_name_hint")}
              placeholder="isp.example"
            />
          </SimpleGrid>
        </Panel>
        <Panel title={t("settings.history")}>
          <HistoryFields saved={kept} />
        </Panel>
      </AppForm>
    </div>
  );
}

function SuspendedFields() {
  const t = useT();
  const choices = useChoices();
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
      <SelectField
        name="suspended_access"
        label={t("settings.suspended_access")}
        description={t("settings.suspended_hint")}
        data={choices(ACCESS, "suspended_access")}
      />
      <TextField
        name="suspended_rate_kbps"
        label={t("settings.suspended_rate")}
        description={t("settings.suspended_rate_hint")}
        inputMode="numeric"
      />
      <TextField name="suspended_pool" label={t("field.pool")} />
      <TextField name="suspended_address_list" label={t("field.address_list")} />
    </SimpleGrid>
  );
}

function toValues(settings: Settings): Values {
  return {
    suspended_access: settings.suspended_access,
    suspended_pool: settings.suspended_pool ?? "",
    suspended_address_list: settings.suspended_address_list ?? "",
    suspended_rate_kbps: String(settings.suspended_rate_kbps ?? ""),
    grace_days: String(settings.grace_days),
    interim_seconds: String(settings.interim_seconds),
    operator_label: settings.operator_label,
    sub_operator_label: settings.sub_operator_label,
    radius_operator_name: settings.radius_operator_name ?? "",
    keep_sessions_months: String(settings.keep_sessions_months ?? ""),
    agrees_to_forget: false,
  };
}

function toRequest(values: Values) {
  return {
    suspended_access: values.suspended_access,
    suspended_pool: blankToNull(values.suspended_pool),
    suspended_address_list: blankToNull(values.suspended_address_list),
    suspended_rate_kbps: numberOrNull(values.suspended_rate_kbps),
    grace_days: Number(values.grace_days),
    interim_seconds: Number(values.interim_seconds),
    operator_label: values.operator_label.trim(),
    sub_operator_label: values.sub_operator_label.trim(),
    radius_operator_name: blankToNull(values.radius_operator_name),
    keep_sessions_months: numberOrNull(values.keep_sessions_months),
  };
}
