import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Loaded } from "@/api/Loaded";
import { useCan } from "@/api/permissions";
import { customerQuery } from "@/api/query";
import { CUSTOMER_TABS, type CustomerSearch } from "@/api/searches";
import type { Customer, Permission } from "@/api/types";
import { useT } from "@/i18n";
import { CustomerHeader } from "./CustomerHeader";
import { OverviewTab } from "./OverviewTab";
import { BillsTab, HistoryTab, PaymentsTab, SessionsTab, StatementTab } from "./tabs";

type Tab = (typeof CUSTOMER_TABS)[number];

const NEEDED: Record<Tab, Permission> = {
  overview: "view_customers",
  bills: "view_invoices",
  payments: "view_invoices",
  sessions: "view_customers",
  statement: "view_invoices",
  history: "view_customers",
};

export function CustomerPage() {
  const { customerId } = useParams({ strict: false }) as { customerId: string };
  const query = useQuery(customerQuery(customerId));
  return (
    <Loaded query={query}>
      {({ view, etag }) => (
        <>
          <CustomerHeader customer={view} etag={etag} />
          <CustomerTabs customer={view} />
        </>
      )}
    </Loaded>
  );
}

function CustomerTabs({ customer }: { customer: Customer }) {
  const t = useT();
  const can = useCan();
  const navigate = useNavigate();
  const { tab = "overview" } = useSearch({ strict: false }) as CustomerSearch;
  const open = (next: string | null) =>
    void navigate({ to: ".", search: (next === "overview" ? {} : { tab: next }) as never });
  return (
    <Tabs value={tab} onChange={open} keepMounted={false} mt="md">
      <div style={{ overflowX: "auto" }}>
        <Tabs.List style={{ flexWrap: "nowrap" }}>
          {CUSTOMER_TABS.filter((name) => can(NEEDED[name])).map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`customer_tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </div>
      <div style={{ paddingTop: 14 }}>
        <Tabs.Panel value="overview">
          <OverviewTab customer={customer} />
        </Tabs.Panel>
        <Tabs.Panel value="bills">
          <BillsTab customerId={customer.id} />
        </Tabs.Panel>
        <Tabs.Panel value="payments">
          <PaymentsTab customerId={customer.id} />
        </Tabs.Panel>
        <Tabs.Panel value="sessions">
          <SessionsTab customerId={customer.id} />
        </Tabs.Panel>
        <Tabs.Panel value="statement">
          <StatementTab customerId={customer.id} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <HistoryTab customerId={customer.id} />
        </Tabs.Panel>
      </div>
    </Tabs>
  );
}
