import { SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useFormat } from "@/api/format";
import { Loaded } from "@/api/Loaded";
import { useMe } from "@/api/permissions";
import { overviewQuery } from "@/api/query";
import type { Overview } from "@/api/types";
import { useT } from "@/i18n";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";
import { StatTile } from "@/ui/StatTile";
import { HeldCuts } from "./HeldCuts";
import { LatestPanels } from "./LatestPanels";

/** The first look of the day; refreshes itself. */
export function DashboardPage() {
  const t = useT();
  const me = useMe();
  const query = useQuery(overviewQuery);
  return (
    <Page title={t("nav.dashboard")} subtitle={me.isp?.name}>
      <Loaded query={query}>{(overview) => <Tiles overview={overview} />}</Loaded>
    </Page>
  );
}

/** Sums of money; the server leaves out what the person may not see. */
function MoneyTiles({ overview }: { overview: Overview }) {
  const t = useT();
  const format = useFormat();
  const { due_today, collected_today, revenue_this_month, revenue_last_month } = overview;
  return (
    <>
      {due_today && (
        <StatTile
          label={t("dashboard.due_today")}
          value={format.money(due_today.amount)}
          note={t("dashboard.customers_due", { count: format.count(due_today.count) })}
        />
      )}
      {collected_today && (
        <StatTile label={t("dashboard.collected_today")} value={format.money(collected_today)} />
      )}
      {revenue_this_month && revenue_last_month && (
        <StatTile
          label={t("dashboard.revenue_this_month")}
          value={format.money(revenue_this_month)}
          note={t("dashboard.last_month", { amount: format.money(revenue_last_month) })}
        />
      )}
    </>
  );
}

function Tiles({ overview }: { overview: Overview }) {
  const t = useT();
  const format = useFormat();
  return (
    <>
      {overview.held_cuts && <HeldCuts held={overview.held_cuts} />}
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
        <StatTile
          label={t("dashboard.online_now")}
          value={format.count(overview.online_now)}
          note={t("dashboard.of_active", { count: format.count(overview.active) })}
        />
        <MoneyTiles overview={overview} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm">
        <CountLink label={t("nav.customers")} count={overview.customers} search={{}} />
        <CountLink
          label={t("customer_status.active")}
          count={overview.active}
          search={{ status: "active" }}
        />
        <CountLink
          label={t("customer_status.suspended")}
          count={overview.suspended}
          search={{ status: "suspended" }}
        />
        <CountLink
          label={t("customer_status.expired")}
          count={overview.expired}
          search={{ status: "expired" }}
        />
        <StatTile
          label={t("dashboard.new_this_month")}
          value={format.count(overview.new_this_month)}
        />
      </SimpleGrid>
      {overview.customers > 0 && <LatestPanels />}
      {overview.customers === 0 && (
        <div className="lm-surface">
          <EmptyState title={t("customers.empty")} hint={t("customers.empty_hint")} />
        </div>
      )}
    </>
  );
}

interface CountLinkProps {
  label: string;
  count: number;
  search: { status?: "active" | "suspended" | "expired" };
}

function CountLink({ label, count, search }: CountLinkProps) {
  const t = useT();
  const format = useFormat();
  return (
    <StatTile
      label={label}
      value={format.count(count)}
      note={
        <Link
          to="/customers"
          search={search}
          className="lm-link"
          aria-label={`${t("action.show")}: ${label}`}
        >
          {t("action.show")}
        </Link>
      }
    />
  );
}
