import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Upload, UserPlus } from "lucide-react";
import {
  useOperatorChoices,
  useOperatorWord,
  usePackageChoices,
  useZoneChoices,
} from "@/api/choices";
import { FilterBar, FilterChoice, FilterText } from "@/api/FilterBar";
import { useCan } from "@/api/permissions";
import { customersQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import {
  BILLING_TYPES,
  CONNECTION_TYPES,
  CUSTOMER_SORTS,
  CUSTOMER_STATUSES,
  type CustomersSearch,
} from "@/api/searches";
import { type Changes, useUrlList } from "@/api/seek";
import { useT } from "@/i18n";
import { useChoices } from "@/ui/fields";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";
import { ColumnChooser, useChosenColumns } from "./ColumnChooser";
import { INITIALLY_HIDDEN, useCustomerColumns } from "./columns";

export function CustomersPage() {
  const t = useT();
  const can = useCan();
  const { search, setFilters, seek } = useUrlList<CustomersSearch>();
  const query = useQuery(customersQuery(search));
  const columns = useCustomerColumns();
  const { shown, hidden, toggle } = useChosenColumns("customers", columns, INITIALLY_HIDDEN);
  const { cursor: _cursor, limit: _limit, sort: _sort, ...filters } = search;
  const filtered = Object.keys(filters).length > 0;
  return (
    <Page title={t("nav.customers")} actions={can("create_customers") && <CreateButton />}>
      <FilterBar
        first={
          <FilterText
            label={t("customers.search")}
            value={search.search}
            onChange={(text) => setFilters({ search: text })}
          />
        }
      >
        <Filters search={search} setFilters={setFilters} />
        <ColumnChooser columns={columns} hidden={hidden} toggle={toggle} />
        {filtered && (
          <Button
            size="xs"
            variant="subtle"
            renderRoot={(props) => <Link to="/customers" search={{}} {...props} />}
          >
            {t("list.clear_filters")}
          </Button>
        )}
      </FilterBar>
      <ResourceList
        label={t("nav.customers")}
        query={query}
        columns={shown}
        rowKey={(row) => row.id}
        seek={seek}
        sorting={{
          value: search.sort ?? "-number",
          onChange: (sort) => setFilters({ sort: CUSTOMER_SORTS.find((known) => known === sort) }),
        }}
        empty={<NoCustomers filtered={filtered} />}
      />
    </Page>
  );
}

function CreateButton() {
  const t = useT();
  return (
    <Button component={Link} to="/customers/new" size="sm" leftSection={<UserPlus size={16} />}>
      {t("customers.create")}
    </Button>
  );
}

function Filters(props: {
  search: CustomersSearch;
  setFilters: (changes: Changes<CustomersSearch>) => void;
}) {
  const t = useT();
  const choices = useChoices();
  const { choices: packages } = usePackageChoices();
  const zones = useZoneChoices();
  const operators = useOperatorChoices();
  const operatorWord = useOperatorWord(t("word.operator"));
  const { search, setFilters } = props;
  // Choices come from the lists above, so a chosen value is one of the union.
  const set = (key: keyof CustomersSearch) => (value: string | undefined) =>
    setFilters({ [key]: value } as Changes<CustomersSearch>);
  return (
    <>
      <FilterChoice
        label={t("field.status")}
        choices={choices(CUSTOMER_STATUSES, "customer_status")}
        value={search.status}
        onChange={set("status")}
      />
      <FilterChoice
        label={t("field.online")}
        choices={[
          { value: "true", label: t("online.yes") },
          { value: "false", label: t("online.no") },
        ]}
        value={search.online === undefined ? undefined : String(search.online)}
        onChange={(value) =>
          setFilters({
            online: value === undefined ? undefined : value === "true",
          })
        }
      />
      <FilterChoice
        label={t("field.package")}
        choices={packages}
        value={search.package_id}
        onChange={set("package_id")}
      />
      {zones.length > 0 && (
        <FilterChoice
          label={t("field.zone")}
          choices={zones}
          value={search.zone_id}
          onChange={set("zone_id")}
        />
      )}
      {operators.length > 0 && (
        <FilterChoice
          label={operatorWord}
          choices={operators}
          value={search.operator_id}
          onChange={set("operator_id")}
        />
      )}
      <FilterChoice
        label={t("field.connection_type")}
        choices={choices(CONNECTION_TYPES, "connection_type")}
        value={search.connection_type}
        onChange={set("connection_type")}
      />
      <FilterChoice
        label={t("field.billing_type")}
        choices={choices(BILLING_TYPES, "billing_type")}
        value={search.billing_type}
        onChange={set("billing_type")}
      />
    </>
  );
}

function NoCustomers({ filtered }: { filtered: boolean }) {
  const t = useT();
  const can = useCan();
  if (filtered) {
    return <EmptyState title={t("list.no_match")} hint={t("list.no_match_hint")} />;
  }
  return (
    <EmptyState
      title={t("customers.empty")}
      hint={t("customers.empty_hint")}
      action={
        can("import_customers") && (
          <Button
            component={Link}
            to="/imports"
            variant="default"
            leftSection={<Upload size={16} />}
          >
            {t("nav.imports")}
          </Button>
        )
      }
    />
  );
}
