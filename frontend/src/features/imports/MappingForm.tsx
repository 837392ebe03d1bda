import { SimpleGrid, Text } from "@mantine/core";
import * as z from "zod/mini";
import { AppForm } from "@/api/AppForm";
import {
  useOperatorChoices,
  useOperatorWord,
  usePackageChoices,
  useZoneChoices,
} from "@/api/choices";
import { useFormat, useTimeZone } from "@/api/format";
import { previewImport } from "@/api/mutations";
import { BILLING_TYPES, CONNECTION_TYPES } from "@/api/searches";
import type { Import, Schema } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import { endOfDay } from "@/lib/dates";
import { blankToNull } from "@/lib/object";
import { CheckField, type Choice, SelectField, TextField, useChoices } from "@/ui/fields";
import { Panel } from "@/ui/Page";
import { MAPPED_FIELDS } from "./mappedFields";

const ON_ERROR = ["skip", "abort"] as const;

const schema = z.object({
  // Arrays, because names of columns and profiles may hold dots, which form paths cannot.
  columns: z.array(z.string()),
  profiles: z.array(z.string()),
  default_package_id: z.string(),
  zone_id: z.string(),
  operator_id: z.string(),
  connection_type: z.enum(CONNECTION_TYPES),
  billing_type: z.enum(BILLING_TYPES),
  skip_disabled: z.boolean(),
  initial_bill: z.boolean(),
  expires_on: z.string(),
  on_error: z.enum(ON_ERROR),
});

type Values = z.infer<typeof schema>;

/** Which column is what, which profile is which package; then a rehearsal, nothing is written. */
export function MappingForm({ view, onPreviewed }: { view: Import; onPreviewed: () => void }) {
  const t = useT();
  const timeZone = useTimeZone();
  const fields = fieldsOf(view);
  const send = async (values: Values) => {
    await previewImport(view.id, toRequest(values, view, fields, timeZone));
    onPreviewed();
  };
  return (
    <AppForm
      schema={schema}
      defaults={defaultsOf(view, fields)}
      submitLabel={t("import.preview")}
      onSubmit={send}
    >
      {view.columns.length > 0 && (
        <Panel title={t("import.columns")}>
          <ColumnFields fields={fields} columns={view.columns} />
        </Panel>
      )}
      <Panel title={t("import.packages")}>
        <PackageFields view={view} />
      </Panel>
      <Panel title={t("import.options")}>
        <OptionFields />
      </Panel>
    </AppForm>
  );
}

function ColumnFields({ fields, columns }: { fields: string[]; columns: string[] }) {
  const t = useT();
  const optional = useOptionalText();
  const data = [{ value: "", label: t("import.not_in_file") }, ...columns];
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
      {fields.map((field, at) => (
        <SelectField
          key={field}
          name={`columns.${at}`}
          label={optional(`field.${field}`) ?? field}
          data={data}
        />
      ))}
    </SimpleGrid>
  );
}

function PackageFields({ view }: { view: Import }) {
  const t = useT();
  const format = useFormat();
  const { choices: packages } = usePackageChoices();
  const data: Choice[] = [{ value: "", label: t("import.default_package_choice") }, ...packages];
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {t("import.packages_hint")}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
        {view.profiles.map((profile, at) => (
          <SelectField
            key={profile.name}
            name={`profiles.${at}`}
            label={profile.name}
            description={[
              t("import.profile_count", { count: format.count(profile.count) }),
              profile.rate ?? "",
            ]
              .filter(Boolean)
              .join(" · ")}
            data={data}
          />
        ))}
        <SelectField
          name="default_package_id"
          label={t("import.default_package")}
          description={t("import.default_package_hint")}
          data={[{ value: "", label: t("form.none") }, ...packages]}
        />
      </SimpleGrid>
    </>
  );
}

function OptionFields() {
  const t = useT();
  const choices = useChoices();
  const zones = useZoneChoices();
  const operators = useOperatorChoices();
  const operatorWord = useOperatorWord(t("word.operator"));
  const none = { value: "", label: t("form.none") };
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
      <SelectField name="zone_id" label={t("field.zone")} data={[none, ...zones]} />
      <SelectField name="operator_id" label={operatorWord} data={[none, ...operators]} />
      <SelectField
        name="connection_type"
        label={t("field.connection_type")}
        data={choices(CONNECTION_TYPES, "connection_type")}
      />
      <SelectField
        name="billing_type"
        label={t("field.billing_type")}
        data={choices(BILLING_TYPES, "billing_type")}
      />
      <TextField name="expires_on" type="date" label={t("field.expires_at")} />
      <SelectField
        name="on_error"
        label={t("import.on_error")}
        data={choices(ON_ERROR, "import_on_error")}
      />
      <CheckField name="skip_disabled" label={t("import.skip_disabled")} />
      <CheckField name="initial_bill" label={t("import.initial_bill")} />
    </SimpleGrid>
  );
}

/** The server's proposals first, then whatever else we can take. */
function fieldsOf(view: Import): string[] {
  return [...new Set([...Object.keys(view.proposed_mapping), ...MAPPED_FIELDS])];
}

function defaultsOf(view: Import, fields: string[]): Values {
  const mapping = view.proposed_mapping as Record<string, string>;
  return {
    columns: fields.map((field) => mapping[field] ?? ""),
    profiles: view.profiles.map((profile) => profile.proposed_package_id ?? ""),
    default_package_id: "",
    zone_id: "",
    operator_id: "",
    connection_type: "pppoe",
    billing_type: "prepaid",
    skip_disabled: true,
    initial_bill: false,
    expires_on: "",
    on_error: "skip",
  };
}

function toRequest(
  values: Values,
  view: Import,
  fields: string[],
  timeZone: string,
): Schema<"PreviewImportRequest"> {
  const profileNames = view.profiles.map((profile) => profile.name);
  return {
    mapping: pairs(fields, values.columns),
    profile_packages: pairs(profileNames, values.profiles),
    default_package_id: blankToNull(values.default_package_id),
    zone_id: blankToNull(values.zone_id),
    operator_id: blankToNull(values.operator_id),
    connection_type: values.connection_type,
    billing_type: values.billing_type,
    skip_disabled: values.skip_disabled,
    initial_bill: values.initial_bill,
    expires_at: values.expires_on === "" ? null : endOfDay(values.expires_on, timeZone),
    on_error: values.on_error,
  };
}

function pairs(names: string[], values: string[]): Record<string, string> {
  const all = names.map((name, at): [string, string] => [name, values[at] ?? ""]);
  return Object.fromEntries(all.filter(([, value]) => value !== ""));
}
