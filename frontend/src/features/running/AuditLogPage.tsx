import { useQuery } from "@tanstack/react-query";
import { useAuditColumns } from "@/api/columns";
import { FilterBar, FilterDate, FilterText } from "@/api/FilterBar";
import { useTimeZone } from "@/api/format";
import { auditLogQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import type { AuditLogSearch } from "@/api/searches";
import { useUrlList } from "@/api/seek";
import { useT } from "@/i18n";
import { endOfDay, startOfDay } from "@/lib/dates";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

/** Who did what, when, and as whom. */
export function AuditLogPage() {
  const t = useT();
  const timeZone = useTimeZone();
  const { search, setFilters, seek } = useUrlList<AuditLogSearch>();
  const filters = {
    ...search,
    from: search.from && startOfDay(search.from, timeZone),
    to: search.to && endOfDay(search.to, timeZone),
  };
  return (
    <Page title={t("nav.audit_log")}>
      <FilterBar
        first={
          <FilterText
            label={t("audit.resource_id")}
            value={search.resource_id}
            onChange={(text) => setFilters({ resource_id: text })}
          />
        }
      >
        <FilterDate
          label={t("list.from")}
          value={search.from}
          onChange={(from) => setFilters({ from })}
        />
        <FilterDate label={t("list.to")} value={search.to} onChange={(to) => setFilters({ to })} />
      </FilterBar>
      <ResourceList
        label={t("nav.audit_log")}
        query={useQuery(auditLogQuery(filters as never))}
        columns={useAuditColumns()}
        rowKey={(row) => row.id}
        seek={seek}
        empty={<EmptyState title={t("audit.empty")} />}
      />
    </Page>
  );
}
