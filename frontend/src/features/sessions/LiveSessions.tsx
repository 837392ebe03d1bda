import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNasChoices } from "@/api/choices";
import { useSessionColumns } from "@/api/columns";
import { DisconnectDialog } from "@/api/DisconnectDialog";
import { FilterBar, FilterChoice, FilterText } from "@/api/FilterBar";
import { useCan } from "@/api/permissions";
import { sessionsQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import type { SessionsSearch } from "@/api/searches";
import { useUrlList } from "@/api/seek";
import type { RadiusSession } from "@/api/types";
import { useT } from "@/i18n";
import { actionsColumn, RowButton } from "@/ui/buttons";
import type { Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/States";

type Customer = NonNullable<RadiusSession["customer"]>;

/** Who is online now; refreshes every few seconds. */
export function LiveSessions() {
  const t = useT();
  const { search, setFilters, seek } = useUrlList<SessionsSearch>();
  const { limit, cursor, nas_id, walled } = search;
  const [leaving, setLeaving] = useState<Customer | null>(null);
  const routers = useNasChoices();
  return (
    <Stack gap="sm">
      <FilterBar
        first={
          <FilterText
            label={t("session.search")}
            value={search.search}
            onChange={(text) => setFilters({ search: text })}
          />
        }
      >
        {routers.length > 0 && (
          <FilterChoice
            label={t("field.nas")}
            choices={routers}
            value={search.nas_id}
            onChange={(id) => setFilters({ nas_id: id })}
          />
        )}
        <FilterChoice
          label={t("session.filter.walled")}
          choices={[
            { value: "false", label: t("access.open") },
            { value: "true", label: t("access.walled") },
          ]}
          value={search.walled === undefined ? undefined : String(search.walled)}
          onChange={(value) =>
            setFilters({ walled: value === undefined ? undefined : value === "true" })
          }
        />
      </FilterBar>
      <ResourceList
        label={t("nav.sessions")}
        query={useQuery(sessionsQuery({ limit, cursor, nas_id, walled, search: search.search }))}
        columns={useLiveColumns(setLeaving)}
        rowKey={(row) => row.id}
        seek={seek}
        empty={<EmptyState title={t("session.empty")} hint={t("session.empty_hint")} />}
      />
      {leaving !== null && <DisconnectDialog customer={leaving} onClose={() => setLeaving(null)} />}
    </Stack>
  );
}

function useLiveColumns(onDisconnect: (customer: Customer) => void): Column<RadiusSession>[] {
  const t = useT();
  const can = useCan();
  const columns = useSessionColumns();
  if (!can("disconnect_customers")) return columns;
  const actions = actionsColumn<RadiusSession>(
    t("field.actions"),
    ({ customer }) =>
      customer && (
        <RowButton
          label={t("customer_action.disconnect")}
          of={customer.name}
          onClick={() => onDisconnect(customer)}
        />
      ),
  );
  return [...columns, actions];
}
