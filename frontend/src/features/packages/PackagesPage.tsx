import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ConfirmDialog } from "@/api/ConfirmDialog";
import { useFormat } from "@/api/format";
import { retirePackage } from "@/api/mutations";
import { removeFairUse } from "@/api/networkMutations";
import { useCan } from "@/api/permissions";
import { UsePill } from "@/api/pills";
import { packagesQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import type { Package } from "@/api/types";
import { useT } from "@/i18n";
import { AddButton, actionsColumn, nameColumn, RowButton } from "@/ui/buttons";
import type { Column } from "@/ui/DataTable";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";
import { FairUseDialog } from "./FairUseDialog";
import { PackageDialog } from "./PackageDialog";

type Open =
  | { kind: "create" }
  | { kind: "edit" | "retire" | "fair_use" | "no_fair_use"; entry: Package }
  | null;

export function PackagesPage() {
  const t = useT();
  const can = useCan();
  const [open, setOpen] = useState<Open>(null);
  const columns = usePackageColumns(setOpen);
  const close = () => setOpen(null);
  const create = (
    <AddButton label={t("package.create")} onClick={() => setOpen({ kind: "create" })} />
  );
  return (
    <Page title={t("nav.packages")} actions={can("manage_packages") && create}>
      <ResourceList
        label={t("nav.packages")}
        query={useQuery(packagesQuery)}
        columns={columns}
        rowKey={(row) => row.id}
        empty={<EmptyState title={t("package.empty")} hint={t("package.empty_hint")} />}
      />
      {open?.kind === "create" && <PackageDialog onClose={close} />}
      {open?.kind === "edit" && <PackageDialog entry={open.entry} onClose={close} />}
      {open?.kind === "fair_use" && (
        <FairUseDialog
          entry={open.entry}
          onRemove={() => setOpen({ kind: "no_fair_use", entry: open.entry })}
          onClose={close}
        />
      )}
      {open?.kind === "no_fair_use" && (
        <ConfirmDialog
          title={t("fair_use.remove")}
          question={t("fair_use.remove_question", { name: open.entry.name })}
          confirmLabel={t("fair_use.remove")}
          saved="fair_use.removed"
          danger
          onConfirm={() => removeFairUse(open.entry.id)}
          onClose={close}
        />
      )}
      {open?.kind === "retire" && (
        <ConfirmDialog
          title={t("package.retire")}
          question={t("package.retire_question", { name: open.entry.name })}
          confirmLabel={t("package.retire")}
          saved="package.retired"
          danger
          onConfirm={() => retirePackage(open.entry.id)}
          onClose={close}
        />
      )}
    </Page>
  );
}

function usePackageColumns(setOpen: (open: Open) => void): Column<Package>[] {
  const t = useT();
  const format = useFormat();
  const can = useCan();
  const columns: Column<Package>[] = [
    nameColumn(t("field.name")),
    {
      id: "rate",
      header: t("package.rate"),
      cell: (row) => (
        <span className="lm-num">
          {row.rate_managed_by_router
            ? t("package.rate_by_router")
            : `${format.rate(row.down_kbps)} / ${format.rate(row.up_kbps)}`}
        </span>
      ),
    },
    {
      id: "price",
      header: t("field.price"),
      align: "end",
      cell: (row) => <span className="lm-num">{format.money(row.price)}</span>,
    },
    { id: "cycle", header: t("field.cycle"), cell: (row) => t(`cycle.${row.cycle}`) },
    {
      id: "billing_type",
      header: t("field.billing_type"),
      cell: (row) => t(`billing_type.${row.billing_type}`),
    },
    {
      id: "pool",
      header: t("field.pool"),
      cell: (row) => <span className="lm-mono">{row.pool}</span>,
    },
    {
      id: "customers",
      header: t("nav.customers"),
      align: "end",
      cell: (row) => (
        <Link to="/customers" search={{ package_id: row.id }} className="lm-link lm-num">
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
  ];
  if (!can("manage_packages")) return columns;
  return [
    ...columns,
    actionsColumn(t("field.actions"), (row) => <PackageActions entry={row} setOpen={setOpen} />),
  ];
}

function PackageActions({ entry, setOpen }: { entry: Package; setOpen: (open: Open) => void }) {
  const t = useT();
  return (
    <>
      <RowButton
        label={t("action.edit")}
        of={entry.name}
        onClick={() => setOpen({ kind: "edit", entry })}
      />
      <RowButton
        label={t("fair_use.edit")}
        of={entry.name}
        onClick={() => setOpen({ kind: "fair_use", entry })}
      />
      {entry.status === "active" && (
        <RowButton
          label={t("package.retire")}
          of={entry.name}
          onClick={() => setOpen({ kind: "retire", entry })}
        />
      )}
    </>
  );
}
