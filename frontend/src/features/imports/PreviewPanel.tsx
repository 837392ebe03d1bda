import { Alert, Button, Group, SimpleGrid, Text } from "@mantine/core";
import { useFormat } from "@/api/format";
import { applyImport } from "@/api/mutations";
import type { Import, Schema } from "@/api/types";
import { useAct } from "@/api/useAct";
import { useOptionalText, useT } from "@/i18n";
import { type Column, DataTable } from "@/ui/DataTable";
import { StatTile } from "@/ui/StatTile";
import { Pill, type Tone } from "@/ui/Status";

type Preview = Schema<"ImportPreview">;
type Sample = Preview["sample"][number];

const COUNTED = ["new", "same", "differing", "invalid", "skipped"] as const;

const TONES: Record<Sample["outcome"], Tone> = {
  new: "good",
  same: "mute",
  differing: "warn",
  invalid: "bad",
  skipped: "mute",
};

/** What the import would do, before it does it. */
export function PreviewPanel({ view, onBack }: { view: Import; onBack: () => void }) {
  const t = useT();
  const format = useFormat();
  const { act, busy } = useAct();
  const { preview } = view;
  if (!preview) return null;
  const apply = () => act(() => applyImport(view.id, { token: preview.token }), "import.started");
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 3, md: 6 }} spacing="sm">
        <StatTile label={t("import.total")} value={format.count(preview.total)} />
        {COUNTED.map((outcome) => (
          <StatTile
            key={outcome}
            label={t(`import_outcome.${outcome}`)}
            value={format.count(preview[outcome])}
          />
        ))}
      </SimpleGrid>
      {preview.new === 0 && (
        <Alert color="yellow" variant="outline">
          {t("import.nothing_new")}
        </Alert>
      )}
      <SampleTable sample={preview.sample} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onBack}>
          {t("import.change_mapping")}
        </Button>
        <Button loading={busy} disabled={preview.new === 0} onClick={() => void apply()}>
          {t("import.apply", { count: format.count(preview.new) })}
        </Button>
      </Group>
    </>
  );
}

function SampleTable({ sample }: { sample: Sample[] }) {
  const t = useT();
  const optional = useOptionalText();
  const columns: Column<Sample>[] = [
    {
      id: "line",
      header: t("field.line"),
      align: "end",
      cell: (row) => <span className="lm-num">{row.line}</span>,
    },
    {
      id: "username",
      header: t("field.username"),
      card: "title",
      cell: (row) => <span className="lm-mono">{row.username}</span>,
    },
    {
      id: "outcome",
      header: t("field.outcome"),
      card: "corner",
      cell: (row) => <Pill tone={TONES[row.outcome]}>{t(`import_outcome.${row.outcome}`)}</Pill>,
    },
    {
      id: "reasons",
      wrap: true,
      header: t("field.reason"),
      cell: (row) => row.reasons.map((reason) => reasonText(reason, optional)).join(", "),
    },
  ];
  return (
    <div className="lm-surface">
      <Text size="sm" c="dimmed" px="md" py={8}>
        {t("import.sample")}
      </Text>
      <DataTable
        label={t("import.sample")}
        columns={columns}
        rows={sample}
        rowKey={(row) => String(row.line)}
      />
    </div>
  );
}

/** A reason is a code and its English words; the code decides, unknown ones show the words. */
function reasonText(reason: string, optional: (key: string) => string | undefined): string {
  const [code = "", ...words] = reason.split(": ");
  const text = optional(`import_reason.${code}`);
  const quoted = /`[^`]*`/.exec(reason)?.[0].replace(/`/g, "");
  if (text !== undefined) return quoted === undefined ? text : `${text} (${quoted})`;
  return words.length > 0 ? words.join(": ") : reason;
}
