import { useQuery } from "@tanstack/react-query";
import { useNasChoices } from "@/api/choices";
import { useSessionColumns } from "@/api/columns";
import { FilterBar, FilterChoice, FilterText } from "@/api/FilterBar";
import { sessionsQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import type { SessionsSearch } from "@/api/searches";
import { useUrlList } from "@/api/seek";
import { useT } from "@/i18n";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

/** Who is online now; refreshes every few seconds. */
export function SessionsPage() {
  const t = useT();
  const { search, setFilters, seek } = useUrlList<SessionsSearch>();
  const columns = useSessionColumns();
  const routers = useNasChoices();
  return (
    <Page title={t("nav.sessions")} subtitle={t("session.subtitle")}>
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
      </FilterBar>
      <ResourceList
        label={t("nav.sessions")}
        query={useQuery(sessionsQuery(search))}
        columns={columns}
        rowKey={(row) => row.id}
        seek={seek}
        empty={<EmptyState title={t("session.empty")} hint={t("session.empty_hint")} />}
      />
    </Page>
  );
}
