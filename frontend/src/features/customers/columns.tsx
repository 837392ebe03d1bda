import { Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Balance } from "@/api/Balance";
import { useOperatorWord } from "@/api/choices";
import { useFormat } from "@/api/format";
import { CustomerStatus, Online } from "@/api/pills";
import type { CustomerRow } from "@/api/types";
import { useT } from "@/i18n";
import type { Column } from "@/ui/DataTable";

/** All columns of the customers list; the person chooses which of them show. */
export function useCustomerColumns(): Column<CustomerRow>[] {
  const t = useT();
  const format = useFormat();
  const operatorWord = useOperatorWord(t("word.operator"));
  return [
    {
      id: "number",
      header: t("field.number"),
      sort: { ascending: "number", descending: "-number" },
      cell: (row) => <span className="lm-num">{row.number}</span>,
    },
    {
      id: "name",
      header: t("field.name"),
      card: "title",
      sort: { ascending: "name", descending: "-name" },
      cell: (row) => <NameCell row={row} />,
    },
    { id: "username", header: t("field.username"), cell: (row) => <Mono>{row.username}</Mono> },
    { id: "mobile", header: t("field.mobile"), cell: (row) => <Mono>{row.mobile}</Mono> },
    {
      id: "status",
      header: t("field.status"),
      card: "corner",
      cell: (row) => <CustomerStatus status={row.status} />,
    },
    { id: "package", header: t("field.package"), cell: (row) => row.package?.name },
    { id: "zone", header: t("field.zone"), cell: (row) => row.zone?.name },
    { id: "operator", header: operatorWord, cell: (row) => row.operator?.name },
    {
      id: "connection_type",
      header: t("field.connection_type"),
      card: "hidden",
      cell: (row) => t(`connection_type.${row.connection_type}`),
    },
    {
      id: "billing_type",
      header: t("field.billing_type"),
      card: "hidden",
      cell: (row) => t(`billing_type.${row.billing_type}`),
    },
    {
      id: "expires_at",
      header: t("field.expires_at"),
      sort: { ascending: "expires_at", descending: "-expires_at" },
      cell: (row) => <span className="lm-num">{format.date(row.expires_at)}</span>,
    },
    {
      id: "balance",
      header: t("field.balance"),
      align: "end",
      cell: (row) => <Balance money={row.balance} />,
    },
    {
      id: "created_at",
      header: t("field.created_at"),
      card: "hidden",
      cell: (row) => <span className="lm-num">{format.date(row.created_at)}</span>,
    },
  ];
}

export const INITIALLY_HIDDEN = ["connection_type", "billing_type", "created_at", "operator"];

function NameCell({ row }: { row: CustomerRow }) {
  return (
    <Group gap={8} wrap="nowrap">
      <Online online={row.online} />
      <Link to="/customers/$customerId" params={{ customerId: row.id }} className="lm-link">
        {row.name}
      </Link>
    </Group>
  );
}

function Mono({ children }: { children: string | null | undefined }) {
  if (!children) return null;
  return (
    <Text component="span" className="lm-mono">
      {children}
    </Text>
  );
}
