import { useQuery } from "@tanstack/react-query";
import { useInvoiceColumns } from "@/api/columns";
import { FilterBar, FilterChoice, FilterText } from "@/api/FilterBar";
import { invoicesQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import { INVOICE_STATUSES, type InvoicesSearch } from "@/api/searches";
import { useUrlList } from "@/api/seek";
import { useT } from "@/i18n";
import { useChoices } from "@/ui/fields";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function InvoicesPage() {
  const t = useT();
  const choices = useChoices();
  const { search, setFilters, seek } = useUrlList<InvoicesSearch>();
  const columns = useInvoiceColumns();
  return (
    <Page title={t("nav.invoices")}>
      <FilterBar
        first={
          <FilterText
            label={t("invoice.search")}
            value={search.search}
            onChange={(text) => setFilters({ search: text })}
          />
        }
      >
        <FilterChoice
          label={t("field.status")}
          choices={choices(INVOICE_STATUSES, "invoice_status")}
          value={search.status}
          onChange={(status) =>
            setFilters({ status: INVOICE_STATUSES.find((known) => known === status) })
          }
        />
      </FilterBar>
      <ResourceList
        label={t("nav.invoices")}
        query={useQuery(invoicesQuery(search))}
        columns={columns}
        rowKey={(row) => row.id}
        seek={seek}
        empty={<EmptyState title={t("bill.empty")} hint={t("bill.empty_hint")} />}
      />
    </Page>
  );
}
