import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useFormat } from "@/api/format";
import { useCan } from "@/api/permissions";
import { Online, UsePill } from "@/api/pills";
import { nasQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import type { Nas } from "@/api/types";
import { useT } from "@/i18n";
import { AddButton, actionsColumn, RowButton } from "@/ui/buttons";
import type { Column } from "@/ui/DataTable";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";
import { AddNasDialog, EditNasDialog, NasSecretDialog } from "./NasDialogs";
import { UnsignedPill } from "./Unsigned";

type Open = { kind: "add" } | { kind: "edit" | "secret"; nas: Nas } | null;

/** Routers that may ask RADIUS, with their shared secrets. */
export function NasPage() {
  const t = useT();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <Page
      title={t("nav.nas")}
      subtitle={t("nas.subtitle")}
      actions={<AddButton label={t("nas.add")} onClick={() => setOpen({ kind: "add" })} />}
    >
      <ResourceList
        label={t("nav.nas")}
        query={useQuery(nasQuery)}
        columns={useNasColumns(setOpen)}
        rowKey={(row) => row.id}
        empty={<EmptyState title={t("nas.empty")} hint={t("nas.empty_hint")} />}
      />
      {open?.kind === "add" && <AddNasDialog onClose={close} />}
      {open?.kind === "edit" && <EditNasDialog nas={open.nas} onClose={close} />}
      {open?.kind === "secret" && <NasSecretDialog nas={open.nas} onClose={close} />}
    </Page>
  );
}

function useNasColumns(setOpen: (open: Open) => void): Column<Nas>[] {
  const t = useT();
  const can = useCan();
  const format = useFormat();
  return [
    {
      id: "name",
      header: t("field.name"),
      card: "title",
      cell: (row) => (
        <Group gap={8} wrap="nowrap">
          <Online online={row.online} />
          <Link to="/nas/$nasId" params={{ nasId: row.id }} className="lm-link">
            {row.name}
          </Link>
        </Group>
      ),
    },
    {
      id: "address",
      header: t("field.address_ip"),
      cell: (row) => <span className="lm-mono">{row.address}</span>,
    },
    {
      id: "coa_port",
      header: t("field.coa_port"),
      align: "end",
      cell: (row) => <span className="lm-num">{row.coa_port}</span>,
    },
    {
      id: "status",
      header: t("field.status"),
      card: "corner",
      cell: (row) => (
        <Group gap="xs">
          <UsePill status={row.status} />
          <UnsignedPill nas={row} />
        </Group>
      ),
    },
    {
      id: "last_seen_at",
      header: t("field.last_seen_at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.last_seen_at)}</span>,
    },
    actionsColumn(t("field.actions"), (row) => (
      <>
        {can("reveal_secrets") && (
          <RowButton
            label={t("nas.show_secret")}
            of={row.name}
            onClick={() => setOpen({ kind: "secret", nas: row })}
          />
        )}
        <RowButton
          label={t("action.edit")}
          of={row.name}
          onClick={() => setOpen({ kind: "edit", nas: row })}
        />
      </>
    )),
  ];
}
