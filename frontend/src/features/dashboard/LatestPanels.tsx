import { SimpleGrid, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { CustomerLink } from "@/api/columns";
import { useFormat } from "@/api/format";
import { Loaded } from "@/api/Loaded";
import { useCan } from "@/api/permissions";
import { customersQuery, paymentsQuery } from "@/api/query";
import type { CustomerRow, Payment } from "@/api/types";
import { useT } from "@/i18n";
import { type Column, DataTable } from "@/ui/DataTable";

const SHOWN = 6;
const LIMIT = 25;

/** What needs a look today: who expires next, and what came in last. */
export function LatestPanels() {
  const can = useCan();
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="sm">
      <ExpiringNext />
      {can("view_invoices") && <LatestPayments />}
    </SimpleGrid>
  );
}

function ExpiringNext() {
  const t = useT();
  const format = useFormat();
  const query = useQuery(customersQuery({ status: "active", sort: "expires_at", limit: LIMIT }));
  const columns: Column<CustomerRow>[] = [
    {
      id: "name",
      header: t("field.name"),
      card: "title",
      cell: (row) => <CustomerLink of={row} />,
    },
    { id: "package", header: t("field.package"), cell: (row) => row.package?.name },
    {
      id: "expires_at",
      header: t("field.expires_at"),
      align: "end",
      cell: (row) => <span className="lm-num">{format.dateTime(row.expires_at)}</span>,
    },
  ];
  return (
    <Titled title={t("dashboard.expiring_next")}>
      <Loaded query={query}>
        {(page) => (
          <DataTable
            label={t("dashboard.expiring_next")}
            columns={columns}
            rows={page.items.filter((row) => row.expires_at).slice(0, SHOWN)}
            rowKey={(row) => row.id}
          />
        )}
      </Loaded>
    </Titled>
  );
}

function LatestPayments() {
  const t = useT();
  const format = useFormat();
  const query = useQuery(paymentsQuery({ limit: LIMIT }));
  const columns: Column<Payment>[] = [
    {
      id: "customer",
      header: t("field.customer"),
      card: "title",
      cell: (row) => <CustomerLink of={row.customer} />,
    },
    {
      id: "received_at",
      header: t("field.received_at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.received_at)}</span>,
    },
    {
      id: "amount",
      header: t("field.amount"),
      align: "end",
      card: "corner",
      cell: (row) => <span className="lm-num">{format.money(row.amount)}</span>,
    },
  ];
  return (
    <Titled title={t("dashboard.latest_payments")}>
      <Loaded query={query}>
        {(page) => (
          <DataTable
            label={t("dashboard.latest_payments")}
            columns={columns}
            rows={page.items.slice(0, SHOWN)}
            rowKey={(row) => row.id}
          />
        )}
      </Loaded>
    </Titled>
  );
}

function Titled({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="lm-surface" style={{ minWidth: 0 }}>
      <Text component="h2" fw={600} fz="sm" px="md" py={10} m={0}>
        {title}
      </Text>
      {children}
    </div>
  );
}
