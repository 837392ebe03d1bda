import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { ConfirmDialog } from "@/api/ConfirmDialog";
import { useFormat } from "@/api/format";
import { retirePackage } from "@/api/mutations";
import { useCan } from "@/api/permissions";
import { UsePill } from "@/api/pills";
import { packagesQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import type { Package } from "@/api/types";
import { useT } from "@/i18n";
import type { Column } from "@/ui/DataTable";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";
import { PackageDialog } from "./PackageDialog";

type Open = { kind: "create" } | { kind: "edit" | "retire"; entry: Package } | null;

export function PackagesPage() {
  const t = useT();
  const can = useCan();
  const [open, setOpen] = useState<Open>(null);
  const columns = usePackageColumns(setOpen);
  const close = () => setOpen(null);
  const create = (
    <Button size="sm" leftSection={<Plus size={16} />} onClick={() => setOpen({ kind: "create" })}>
      {t("package.create")}
    </Button>
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
    {
      id: "name",
      header: t("field.name"),
      card: "title",
      cell: (row) => <strong>{row.name}</strong>,
    },
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
    {
      id: "actions",
      header: t("field.actions"),
      align: "end",
      cell: (row) => <PackageActions entry={row} setOpen={setOpen} />,
    },
  ];
}

function PackageActions({ entry, setOpen }: { entry: Package; setOpen: (open: Open) => void }) {
  const t = useT();
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`${t("action.edit")}: ${entry.name}`}
        onClick={() => setOpen({ kind: "edit", entry })}
      >
        {t("action.edit")}
      </Button>
      {entry.status === "active" && (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`${t("package.retire")}: ${entry.name}`}
          onClick={() => setOpen({ kind: "retire", entry })}
        >
          {t("package.retire")}
        </Button>
      )}
    </Group>
  );
}
