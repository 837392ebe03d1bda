import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useOperatorWord } from "@/api/choices";
import { useFormat } from "@/api/format";
import { UsePill } from "@/api/pills";
import { operatorsQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import type { Operator } from "@/api/types";
import { useT } from "@/i18n";
import type { Column } from "@/ui/DataTable";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";
import { OperatorDialog } from "./OperatorDialog";

/** The resellers of this ISP and those below them. */
export function OperatorsPage() {
  const t = useT();
  const [open, setOpen] = useState<"create" | Operator | null>(null);
  const columns = useOperatorColumns(setOpen);
  const title = useOperatorWord(t("nav.operators"));
  const create = (
    <Button size="sm" leftSection={<Plus size={16} />} onClick={() => setOpen("create")}>
      {t("action.add")}
    </Button>
  );
  return (
    <Page title={title} actions={create}>
      <ResourceList
        label={title}
        query={useQuery(operatorsQuery)}
        columns={columns}
        rowKey={(row) => row.id}
        empty={<EmptyState title={t("operator.empty")} hint={t("operator.empty_hint")} />}
      />
      {open !== null && (
        <OperatorDialog
          {...(open === "create" ? {} : { operator: open })}
          onClose={() => setOpen(null)}
        />
      )}
    </Page>
  );
}

function useOperatorColumns(setOpen: (operator: Operator) => void): Column<Operator>[] {
  const t = useT();
  const format = useFormat();
  return [
    {
      id: "name",
      header: t("field.name"),
      card: "title",
      cell: (row) => <strong>{row.name}</strong>,
    },
    { id: "kind", header: t("field.kind"), cell: (row) => t(`operator_kind.${row.kind}`) },
    { id: "parent", header: t("field.parent"), cell: (row) => row.parent?.name },
    { id: "mobile", header: t("field.mobile"), cell: (row) => row.mobile },
    { id: "email", header: t("field.email"), cell: (row) => row.email },
    {
      id: "customers",
      header: t("nav.customers"),
      align: "end",
      cell: (row) => (
        <Link to="/customers" search={{ operator_id: row.id }} className="lm-link lm-num">
          {format.count(row.customers)}
        </Link>
      ),
    },
    {
      id: "status",
      header: t("field.status"),
      card: "corner",
      cell: (row) => <UsePill status={row.status} />,
    },
    {
      id: "actions",
      header: t("field.actions"),
      align: "end",
      cell: (row) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`${t("action.edit")}: ${row.name}`}
          onClick={() => setOpen(row)}
        >
          {t("action.edit")}
        </Button>
      ),
    },
  ];
}
