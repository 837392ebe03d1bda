import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "@/api/ConfirmDialog";
import { deleteRealm } from "@/api/networkMutations";
import { realmsQuery } from "@/api/networkQuery";
import { UsePill } from "@/api/pills";
import { ResourceList } from "@/api/ResourceList";
import type { Realm } from "@/api/types";
import { useT } from "@/i18n";
import { AddButton, actionsColumn, nameColumn, RowButton } from "@/ui/buttons";
import type { Column } from "@/ui/DataTable";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";
import { RealmDialog } from "./RealmDialog";
import { RealmState } from "./RealmState";

type Open = { kind: "add" } | { kind: "edit" | "delete"; realm: Realm } | null;

/** Subscribers of other providers who may come to this ISP's routers. */
export function RealmsPage() {
  const t = useT();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <Page
      title={t("nav.realms")}
      subtitle={t("realm.subtitle")}
      actions={<AddButton label={t("realm.add")} onClick={() => setOpen({ kind: "add" })} />}
    >
      <ResourceList
        label={t("nav.realms")}
        query={useQuery(realmsQuery)}
        columns={useRealmColumns(setOpen)}
        rowKey={(row) => row.id}
        empty={<EmptyState title={t("realm.empty")} hint={t("realm.empty_hint")} />}
      />
      {open?.kind === "add" && <RealmDialog onClose={close} />}
      {open?.kind === "edit" && <RealmDialog realm={open.realm} onClose={close} />}
      {open?.kind === "delete" && (
        <ConfirmDialog
          title={t("action.delete")}
          question={t("realm.delete_question", { name: open.realm.name })}
          confirmLabel={t("action.delete")}
          saved="realm.deleted"
          danger
          onConfirm={() => deleteRealm(open.realm.id)}
          onClose={close}
        />
      )}
    </Page>
  );
}

function useRealmColumns(setOpen: (open: Open) => void): Column<Realm>[] {
  const t = useT();
  return [
    { ...nameColumn<Realm>(t("field.name")), wrap: true },
    {
      id: "position",
      header: t("realm.position"),
      cell: (row) => <span className="lm-mono">{t(`realm.position.${row.position}`)}</span>,
    },
    {
      id: "home_servers",
      wrap: true,
      header: t("realm.home_servers"),
      cell: (row) => <span className="lm-mono">{row.home_servers.map(socketOf).join(" ")}</span>,
    },
    {
      id: "proxies",
      header: t("realm.proxies"),
      cell: (row) =>
        [
          row.authentication && t("realm.proxies_logins"),
          row.accounting && t("realm.proxies_accounting"),
        ]
          .filter(Boolean)
          .join(", "),
    },
    {
      id: "state",
      wrap: true,
      header: t("realm.state"),
      cell: (row) => <RealmState realm={row} />,
    },
    {
      id: "status",
      header: t("field.status"),
      card: "corner",
      cell: (row) => <UsePill status={row.status} />,
    },
    actionsColumn(t("field.actions"), (row) => (
      <>
        <RowButton
          label={t("action.edit")}
          of={row.name}
          onClick={() => setOpen({ kind: "edit", realm: row })}
        />
        <RowButton
          label={t("action.delete")}
          of={row.name}
          onClick={() => setOpen({ kind: "delete", realm: row })}
        />
      </>
    )),
  ];
}

function socketOf({ address, auth_port }: Realm["home_servers"][number]) {
  return address.includes(":") ? `[${address}]:${auth_port}` : `${address}:${auth_port}`;
}
