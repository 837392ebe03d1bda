import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { ConfirmDialog } from "@/api/ConfirmDialog";
import { useFormat } from "@/api/format";
import { createZone, deleteZone, editZone } from "@/api/mutations";
import { zonesQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import type { Zone } from "@/api/types";
import { useT } from "@/i18n";
import { AddButton, actionsColumn, nameColumn, RowButton } from "@/ui/buttons";
import type { Column } from "@/ui/DataTable";
import { TextField } from "@/ui/fields";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

type Open = { kind: "create" } | { kind: "edit" | "delete"; zone: Zone } | null;

export function ZonesPage() {
  const t = useT();
  const [open, setOpen] = useState<Open>(null);
  const columns = useZoneColumns(setOpen);
  const close = () => setOpen(null);
  const create = <AddButton label={t("zone.create")} onClick={() => setOpen({ kind: "create" })} />;
  return (
    <Page title={t("nav.zones")} actions={create}>
      <ResourceList
        label={t("nav.zones")}
        query={useQuery(zonesQuery)}
        columns={columns}
        rowKey={(row) => row.id}
        empty={<EmptyState title={t("zone.empty")} hint={t("zone.empty_hint")} />}
      />
      {open?.kind === "create" && <ZoneDialog onClose={close} />}
      {open?.kind === "edit" && <ZoneDialog zone={open.zone} onClose={close} />}
      {open?.kind === "delete" && (
        <ConfirmDialog
          title={t("action.delete")}
          question={t("zone.delete_question", { name: open.zone.name })}
          confirmLabel={t("action.delete")}
          saved="zone.deleted"
          danger
          onConfirm={() => deleteZone(open.zone.id)}
          onClose={close}
        />
      )}
    </Page>
  );
}

const schema = z.object({ name: z.string().check(z.trim(), z.minLength(1, "form.required")) });

function ZoneDialog({ zone, onClose }: { zone?: Zone; onClose: () => void }) {
  const t = useT();
  return (
    <DialogForm
      title={zone ? t("edit.title", { name: zone.name }) : t("zone.create")}
      schema={schema}
      defaults={{ name: zone?.name ?? "" }}
      submitLabel={zone ? t("action.save") : t("zone.create")}
      saved="edit.saved"
      onSubmit={({ name }) => {
        const body = { name: name.trim() };
        return zone ? editZone(zone.id, body) : createZone(body);
      }}
      onClose={onClose}
    >
      <TextField name="name" label={t("field.name")} required data-autofocus />
    </DialogForm>
  );
}

function useZoneColumns(setOpen: (open: Open) => void): Column<Zone>[] {
  const t = useT();
  const format = useFormat();
  return [
    nameColumn(t("field.name")),
    {
      id: "customers",
      header: t("nav.customers"),
      align: "end",
      cell: (row) => (
        <Link to="/customers" search={{ zone_id: row.id }} className="lm-link lm-num">
          {format.count(row.customers)}
        </Link>
      ),
    },
    actionsColumn(t("field.actions"), (row) => (
      <>
        <RowButton
          label={t("action.edit")}
          of={row.name}
          onClick={() => setOpen({ kind: "edit", zone: row })}
        />
        <RowButton
          label={t("action.delete")}
          of={row.name}
          onClick={() => setOpen({ kind: "delete", zone: row })}
        />
      </>
    )),
  ];
}
