import { useQuery } from "@tanstack/react-query";
import { useFormat } from "@/api/format";
import { fairUseLogQuery } from "@/api/networkQuery";
import { ResourceList } from "@/api/ResourceList";
import { useLocalSeek } from "@/api/seek";
import type { Schema } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import type { Column } from "@/ui/DataTable";
import { Section } from "@/ui/Section";
import { EmptyState } from "@/ui/States";
import { TwoLines } from "@/ui/TwoLines";

type Line = Schema<"FairUseLogView">;

export function FairUseLog({ customerId }: { customerId: string }) {
  const t = useT();
  const seek = useLocalSeek();
  const { limit, cursor } = seek;
  return (
    <Section title={t("fair_use.log")}>
      <ResourceList
        label={t("fair_use.log")}
        query={useQuery(fairUseLogQuery(customerId, { limit, cursor }))}
        columns={useLogColumns()}
        rowKey={(row) => row.id}
        seek={seek}
        empty={<EmptyState title={t("fair_use.log_empty")} hint={t("fair_use.log_empty_hint")} />}
      />
    </Section>
  );
}

function useLogColumns(): Column<Line>[] {
  const t = useT();
  const optional = useOptionalText();
  const format = useFormat();
  const cause = (row: Line) => optional(`restriction_cause.${row.cause}`) ?? row.cause;
  return [
    {
      id: "at",
      header: t("field.at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.at)}</span>,
    },
    {
      id: "action",
      header: t("field.action"),
      card: "title",
      cell: (row) => (
        <TwoLines
          first={optional(`fair_use_action.${row.action}`) ?? row.action}
          second={[cause(row), row.tier && t("fair_use.tier", { tier: row.tier })]
            .filter(Boolean)
            .join(" · ")}
        />
      ),
    },
    {
      id: "counted",
      header: t("fair_use.counted"),
      cell: (row) => (
        <TwoLines
          first={
            <span className="lm-num">
              {format.bytes(Number(row.input_octets) + Number(row.output_octets))}
            </span>
          }
          second={<span className="lm-num">{format.duration(row.seconds)}</span>}
        />
      ),
    },
    {
      id: "until",
      header: t("limits.until"),
      cell: (row) => row.until && <span className="lm-num">{format.dateTime(row.until)}</span>,
    },
    {
      id: "actor",
      header: t("field.actor"),
      cell: (row) => row.actor_name ?? t("audit.system"),
    },
    { id: "note", wrap: true, header: t("field.note"), cell: (row) => row.note },
  ];
}
