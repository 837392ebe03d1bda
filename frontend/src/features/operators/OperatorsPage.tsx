import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useOperatorWord } from "@/api/choices";
import { useFormat } from "@/api/format";
import { UsePill } from "@/api/pills";
import { operatorsQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import type { Operator } from "@/api/types";
import { useT } from "@/i18n";
import { AddButton, actionsColumn, nameColumn, RowButton } from "@/ui/buttons";
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
  const create = <AddButton label={t("action.add")} onClick={() => setOpen("create")} />;
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
    nameColumn(t("field.name")),
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
    actionsColumn(t("field.actions"), (row) => (
      <RowButton label={t("action.edit")} of={row.name} onClick={() => setOpen(row)} />
    )),
  ];
}
