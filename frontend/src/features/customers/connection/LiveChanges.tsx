import { useQuery } from "@tanstack/react-query";
import { useFormat } from "@/api/format";
import { liveChangesQuery } from "@/api/networkQuery";
import { ResourceList } from "@/api/ResourceList";
import type { Schema } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import type { Column } from "@/ui/DataTable";
import { Section } from "@/ui/Section";
import { EmptyState } from "@/ui/States";
import { Pill, type Tone } from "@/ui/Status";
import { TwoLines } from "@/ui/TwoLines";

type Change = Schema<"LiveChangeView">;

const TONES: Record<string, Tone> = {
  done: "good",
  waiting_for_stop: "info",
  no_stop: "warn",
  session_unknown: "mute",
  refused: "bad",
  unreachable: "bad",
};

/** What routers were asked about the customer's live sessions, and what they answered. */
export function LiveChanges({ customerId }: { customerId: string }) {
  const t = useT();
  return (
    <Section title={t("live_change.title")} hint={t("live_change.hint")}>
      <ResourceList
        label={t("live_change.title")}
        query={useQuery(liveChangesQuery(customerId))}
        columns={useChangeColumns()}
        rowKey={(row) => row.id}
        empty={<EmptyState title={t("live_change.empty")} hint={t("live_change.empty_hint")} />}
      />
    </Section>
  );
}

function useChangeColumns(): Column<Change>[] {
  const t = useT();
  const optional = useOptionalText();
  const format = useFormat();
  return [
    {
      id: "at",
      header: t("field.at"),
      cell: (row) => <span className="lm-num">{format.time(row.at)}</span>,
    },
    {
      id: "kind",
      header: t("field.kind"),
      card: "title",
      cell: (row) => optional(`live_change.kind.${row.kind}`) ?? row.kind,
    },
    {
      id: "outcome",
      wrap: true,
      header: t("field.outcome"),
      cell: (row) => (
        <TwoLines
          first={
            <Pill tone={TONES[row.outcome] ?? "mute"}>
              {optional(`live_change_outcome.${row.outcome}`) ?? row.outcome}
            </Pill>
          }
          second={row.outcome === "session_unknown" ? undefined : row.error}
        />
      ),
    },
    { id: "nas", header: t("field.nas"), cell: (row) => row.nas_name },
    {
      id: "requested",
      wrap: true,
      header: t("live_change.requested"),
      cell: (row) => <span className="lm-mono">{attributesOf(row.requested)}</span>,
    },
  ];
}

function attributesOf(requested: unknown): string {
  if (typeof requested !== "object" || requested === null) return "";
  return Object.entries(requested)
    .map(([name, value]) => `${name} = ${String(value)}`)
    .join(", ");
}
