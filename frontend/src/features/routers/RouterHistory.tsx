import { useQuery } from "@tanstack/react-query";
import { useFormat } from "@/api/format";
import { routerHistoryQuery } from "@/api/networkQuery";
import { ResourceList } from "@/api/ResourceList";
import { useLocalSeek } from "@/api/seek";
import type { Router, Schema } from "@/api/types";
import { useT } from "@/i18n";
import type { Column } from "@/ui/DataTable";
import { Section } from "@/ui/Section";
import { EmptyState } from "@/ui/States";
import { RouterStatePill } from "./RouterState";

type Line = Schema<"RouterHistoryView">;

/** When the router went away, why, and when it came back. */
export function RouterHistory({ router }: { router: Router }) {
  const t = useT();
  const seek = useLocalSeek();
  const { limit, cursor } = seek;
  // A line for each other state, cause and certificate; the cause may change within a state.
  const changed = [router.state_since, router.failure?.cause, router.presented_fingerprint].join();
  return (
    <Section title={t("router.history")} hint={t("router.history_hint")}>
      <ResourceList
        label={t("router.history")}
        query={useQuery(routerHistoryQuery(router.id, { limit, cursor }, changed))}
        columns={useHistoryColumns()}
        rowKey={(row) => row.id}
        seek={seek}
        empty={<EmptyState title={t("router.history_empty")} />}
      />
    </Section>
  );
}

function useHistoryColumns(): Column<Line>[] {
  const t = useT();
  const format = useFormat();
  return [
    {
      id: "at",
      header: t("field.at"),
      card: "title",
      cell: (row) => <span className="lm-num">{format.dateTime(row.at)}</span>,
    },
    {
      id: "state",
      header: t("field.status"),
      card: "corner",
      cell: (row) => <RouterStatePill router={row} />,
    },
    {
      id: "detail",
      wrap: true,
      header: t("router.words"),
      cell: (row) => <span className="lm-mono">{row.failure?.detail ?? row.fingerprint}</span>,
    },
  ];
}
