import { SegmentedControl, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Balance } from "@/api/Balance";
import {
  useAuditColumns,
  useInvoiceColumns,
  usePaymentColumns,
  useSessionColumns,
} from "@/api/columns";
import { useFormat } from "@/api/format";
import {
  customerHistoryQuery,
  customerInvoicesQuery,
  customerPaymentsQuery,
  customerSessionsQuery,
  customerStatementQuery,
} from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import { useLocalSeek } from "@/api/seek";
import type { Customer, StatementEntry } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import type { Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/States";

interface TabProps {
  customer: Customer;
}

export function BillsTab({ customer }: TabProps) {
  const t = useT();
  const seek = useLocalSeek();
  const { limit, cursor } = seek;
  const columns = useInvoiceColumns().filter((column) => column.id !== "customer");
  return (
    <ResourceList
      label={t("customer_tab.bills")}
      query={useQuery(customerInvoicesQuery(customer.id, { limit, cursor }))}
      columns={columns}
      rowKey={(row) => row.id}
      seek={seek}
      empty={<EmptyState title={t("bill.empty")} hint={t("bill.empty_hint")} />}
    />
  );
}

export function PaymentsTab({ customer }: TabProps) {
  const t = useT();
  const seek = useLocalSeek();
  const { limit, cursor } = seek;
  const columns = usePaymentColumns().filter((column) => column.id !== "customer");
  return (
    <ResourceList
      label={t("customer_tab.payments")}
      query={useQuery(customerPaymentsQuery(customer.id, { limit, cursor }))}
      columns={columns}
      rowKey={(row) => row.id}
      seek={seek}
      empty={<EmptyState title={t("payment.empty")} hint={t("payment.empty_hint")} />}
    />
  );
}

export function SessionsTab({ customer }: TabProps) {
  const t = useT();
  const seek = useLocalSeek();
  const { limit, cursor } = seek;
  const [which, setWhich] = useState<"live" | "all">("live");
  const filters = { limit, cursor, ...(which === "live" ? { live: true } : {}) };
  const columns = useSessionColumns(which === "all").filter((column) => column.id !== "customer");
  return (
    <Stack gap="sm">
      <SegmentedControl
        size="xs"
        aria-label={t("customer_tab.sessions")}
        style={{ alignSelf: "flex-start" }}
        value={which}
        onChange={(value) => setWhich(value === "live" ? "live" : "all")}
        data={[
          { value: "live", label: t("session.live") },
          { value: "all", label: t("session.all") },
        ]}
      />
      <ResourceList
        label={t("customer_tab.sessions")}
        query={useQuery(customerSessionsQuery(customer.id, filters))}
        columns={columns}
        rowKey={(row) => row.id}
        seek={seek}
        empty={<EmptyState title={t("session.none_here")} hint={t("session.none_here_hint")} />}
      />
    </Stack>
  );
}

export function StatementTab({ customer }: TabProps) {
  const t = useT();
  const seek = useLocalSeek();
  const { limit, cursor } = seek;
  const columns = useStatementColumns();
  return (
    <ResourceList
      label={t("customer_tab.statement")}
      query={useQuery(customerStatementQuery(customer.id, { limit, cursor }))}
      columns={columns}
      rowKey={(row) => `${row.at} ${row.cause} ${row.reference ?? ""} ${row.balance.amount}`}
      seek={seek}
      empty={<EmptyState title={t("statement.empty")} hint={t("statement.empty_hint")} />}
    />
  );
}

function useStatementColumns(): Column<StatementEntry>[] {
  const t = useT();
  const optional = useOptionalText();
  const format = useFormat();
  return [
    {
      id: "at",
      header: t("field.at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.at)}</span>,
    },
    {
      id: "description",
      wrap: true,
      header: t("field.description"),
      card: "title",
      cell: (row) => row.description || (optional(`cause.${row.cause}`) ?? row.cause),
    },
    { id: "reference", header: t("field.reference"), cell: (row) => row.reference },
    {
      id: "debit",
      header: t("field.debit"),
      align: "end",
      cell: (row) => row.debit && <span className="lm-num">{format.money(row.debit)}</span>,
    },
    {
      id: "credit",
      header: t("field.credit"),
      align: "end",
      cell: (row) => row.credit && <span className="lm-num">{format.money(row.credit)}</span>,
    },
    {
      id: "balance",
      header: t("field.balance"),
      align: "end",
      card: "corner",
      cell: (row) => <Balance money={row.balance} />,
    },
  ];
}

export function HistoryTab({ customer }: TabProps) {
  const t = useT();
  const seek = useLocalSeek();
  const { limit, cursor } = seek;
  const columns = useAuditColumns().filter((column) => column.id !== "resource");
  return (
    <ResourceList
      label={t("customer_tab.history")}
      query={useQuery(customerHistoryQuery(customer.id, { limit, cursor }))}
      columns={columns}
      rowKey={(row) => row.id}
      seek={seek}
      empty={<EmptyState title={t("audit.empty")} />}
    />
  );
}
