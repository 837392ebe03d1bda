import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { FilterBar, FilterChoice, FilterText } from "@/api/FilterBar";
import { useFormat } from "@/api/format";
import { routersQuery } from "@/api/networkQuery";
import { useCan } from "@/api/permissions";
import { ResourceList } from "@/api/ResourceList";
import { ROUTER_STATES, type RoutersSearch } from "@/api/searches";
import { useUrlList } from "@/api/seek";
import type { Router } from "@/api/types";
import { useT } from "@/i18n";
import { AddButton } from "@/ui/buttons";
import type { Column } from "@/ui/DataTable";
import { useChoices } from "@/ui/fields";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";
import { TwoLines } from "@/ui/TwoLines";
import { RouterDialog } from "./RouterDialog";
import { RouterStatePill } from "./RouterState";

/** Routers that are managed over their API, and how they fare. */
export function RoutersPage() {
  const t = useT();
  const can = useCan();
  const choices = useChoices();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const { search, setFilters, seek } = useUrlList<RoutersSearch>();
  const isFiltered = search.search !== undefined || search.state !== undefined;
  return (
    <Page
      title={t("nav.routers")}
      subtitle={t("router.subtitle")}
      actions={
        can("manage_routers") && (
          <AddButton label={t("router.add")} onClick={() => setAdding(true)} />
        )
      }
    >
      <FilterBar
        first={
          <FilterText
            label={t("router.search")}
            value={search.search}
            onChange={(text) => setFilters({ search: text })}
          />
        }
      >
        <FilterChoice
          label={t("field.status")}
          choices={choices(ROUTER_STATES, "router_state")}
          value={search.state}
          onChange={(state) =>
            setFilters({ state: ROUTER_STATES.find((known) => known === state) })
          }
        />
      </FilterBar>
      <ResourceList
        label={t("nav.routers")}
        query={useQuery(routersQuery(search))}
        columns={useRouterColumns()}
        rowKey={(row) => row.id}
        seek={seek}
        empty={
          isFiltered ? (
            <EmptyState title={t("list.no_match")} hint={t("list.no_match_hint")} />
          ) : (
            <EmptyState title={t("router.empty")} hint={t("router.empty_hint")} />
          )
        }
      />
      {adding && (
        <RouterDialog
          onAdded={(id) => void navigate({ to: "/routers/$routerId", params: { routerId: id } })}
          onClose={() => setAdding(false)}
        />
      )}
    </Page>
  );
}

function useRouterColumns(): Column<Router>[] {
  const t = useT();
  const format = useFormat();
  return [
    {
      id: "name",
      header: t("field.name"),
      card: "title",
      cell: (row) => (
        <TwoLines
          first={
            <Link to="/routers/$routerId" params={{ routerId: row.id }} className="lm-link">
              {row.name}
            </Link>
          }
          second={<span className="lm-mono">{row.address}</span>}
        />
      ),
    },
    {
      id: "state",
      header: t("field.status"),
      card: "corner",
      cell: (row) => <RouterStatePill router={row} />,
    },
    { id: "identity", header: t("router.identity"), cell: (row) => row.facts?.identity },
    {
      id: "version",
      header: t("router.version"),
      cell: (row) => row.facts && <TwoLines first={row.facts.version} second={row.facts.board} />,
    },
    {
      id: "cpu",
      header: t("router.cpu"),
      align: "end",
      cell: (row) => number(row.facts?.cpu_load, (load) => `${format.count(load)} %`),
    },
    {
      id: "memory",
      header: t("router.free_memory"),
      align: "end",
      cell: (row) => number(row.facts?.free_memory, format.bytes),
    },
    {
      id: "uptime",
      header: t("router.uptime"),
      align: "end",
      cell: (row) => number(row.facts?.uptime_seconds, format.duration),
    },
    {
      id: "sessions",
      header: t("router.sessions"),
      align: "end",
      cell: (row) =>
        number(row.facts && row.facts.ppp_sessions + row.facts.hotspot_sessions, format.count),
    },
    {
      id: "last_seen_at",
      header: t("field.last_seen_at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.last_seen_at)}</span>,
    },
  ];
}

/** A number that the router may not have told. */
function number(value: number | null | undefined, text: (value: number) => string) {
  return typeof value === "number" ? <span className="lm-num">{text(value)}</span> : null;
}
