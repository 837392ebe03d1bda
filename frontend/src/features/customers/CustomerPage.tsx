import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type ComponentType, lazy, Suspense, useEffect, useRef } from "react";
import { Loaded } from "@/api/Loaded";
import { useCan } from "@/api/permissions";
import { customerQuery } from "@/api/query";
import { CUSTOMER_TABS, type CustomerSearch } from "@/api/searches";
import type { Customer, Permission } from "@/api/types";
import { useT } from "@/i18n";
import { Loading } from "@/ui/States";
import { CustomerHeader } from "./CustomerHeader";
import { OverviewTab } from "./OverviewTab";
import { BillsTab, HistoryTab, PaymentsTab, SessionsTab, StatementTab } from "./tabs";

type Tab = (typeof CUSTOMER_TABS)[number];

export interface CustomerTabProps {
  customer: Customer;
}

interface TabEntry {
  needs: Permission;
  Content: ComponentType<CustomerTabProps>;
}

/** A tab as a chunk of its own: few visits open it. */
function later(load: () => Promise<ComponentType<CustomerTabProps>>) {
  return lazy(async () => ({ default: await load() }));
}

const TABS: Record<Tab, TabEntry> = {
  overview: { needs: "view_customers", Content: OverviewTab },
  connection: {
    needs: "view_sessions",
    Content: later(async () => (await import("./connection/ConnectionTab")).ConnectionTab),
  },
  usage: {
    needs: "view_customers",
    Content: later(async () => (await import("./usage/UsageTab")).UsageTab),
  },
  fair_use: {
    needs: "view_customers",
    Content: later(async () => (await import("./fair-use/FairUseTab")).FairUseTab),
  },
  limits: {
    needs: "view_customers",
    Content: later(async () => (await import("./limits/LimitsTab")).LimitsTab),
  },
  devices: {
    needs: "view_customers",
    Content: later(async () => (await import("./devices/DevicesTab")).DevicesTab),
  },
  sessions: { needs: "view_customers", Content: SessionsTab },
  bills: { needs: "view_invoices", Content: BillsTab },
  payments: { needs: "view_invoices", Content: PaymentsTab },
  statement: { needs: "view_invoices", Content: StatementTab },
  history: { needs: "view_customers", Content: HistoryTab },
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

function CustomerTabs({ customer }: CustomerTabProps) {
  const t = useT();
  const can = useCan();
  const navigate = useNavigate();
  const { tab = "overview" } = useSearch({ strict: false }) as CustomerSearch;
  const shown = CUSTOMER_TABS.filter((name) => can(TABS[name].needs));
  const open = (next: string | null) =>
    void navigate({ to: ".", search: (next === "overview" ? {} : { tab: next }) as never });
  const list = useRef<HTMLDivElement>(null);
  // On a phone there are more tabs than fit: the open one is brought into view, after the router
  // put back where the row was scrolled to.
  useEffect(() => {
    const next = requestAnimationFrame(() => {
      const chosen = list.current?.querySelector(`[role="tab"][id$="-tab-${tab}"]`);
      chosen?.scrollIntoView?.({ block: "nearest", inline: "center" });
    });
    return () => cancelAnimationFrame(next);
  }, [tab]);
  return (
    <Tabs value={tab} onChange={open} keepMounted={false} mt="md">
      <div ref={list} style={{ overflowX: "auto" }}>
        <Tabs.List style={{ flexWrap: "nowrap" }}>
          {shown.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`customer_tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </div>
      <div style={{ paddingTop: 14 }}>
        <Suspense fallback={<Loading />}>
          {shown.map((name) => {
            const { Content } = TABS[name];
            return (
              <Tabs.Panel key={name} value={name}>
                <Content customer={customer} />
              </Tabs.Panel>
            );
          })}
        </Suspense>
      </div>
    </Tabs>
  );
}
