import { useQuery } from "@tanstack/react-query";
import { usePaymentColumns } from "@/api/columns";
import { FilterBar, FilterChoice, FilterDate } from "@/api/FilterBar";
import { useTimeZone } from "@/api/format";
import { paymentsQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import { PAYMENT_METHODS, type PaymentsSearch } from "@/api/searches";
import { useUrlList } from "@/api/seek";
import { useT } from "@/i18n";
import { endOfDay, startOfDay } from "@/lib/dates";
import { useChoices } from "@/ui/fields";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function PaymentsPage() {
  const t = useT();
  const choices = useChoices();
  const timeZone = useTimeZone();
  const { search, setFilters, seek } = useUrlList<PaymentsSearch>();
  const filters = {
    ...search,
    from: search.from && startOfDay(search.from, timeZone),
    to: search.to && endOfDay(search.to, timeZone),
  };
  return (
    <Page title={t("nav.payments")}>
      <FilterBar>
        <FilterChoice
          label={t("field.method")}
          choices={choices(PAYMENT_METHODS, "method")}
          value={search.method}
          onChange={(method) =>
            setFilters({ method: PAYMENT_METHODS.find((known) => known === method) })
          }
        />
        <FilterDate
          label={t("list.from")}
          value={search.from}
          onChange={(from) => setFilters({ from })}
        />
        <FilterDate label={t("list.to")} value={search.to} onChange={(to) => setFilters({ to })} />
      </FilterBar>
      <ResourceList
        label={t("nav.payments")}
        query={useQuery(paymentsQuery(filters))}
        columns={usePaymentColumns()}
        rowKey={(row) => row.id}
        seek={seek}
        empty={<EmptyState title={t("payment.empty")} hint={t("payment.empty_hint")} />}
      />
    </Page>
  );
}
