import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
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
  const create = (
    <Button size="sm" leftSection={<Plus size={16} />} onClick={() => setOpen({ kind: "create" })}>
      {t("zone.create")}
    </Button>
  );
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
    {
      id: "name",
      header: t("field.name"),
      card: "title",
      cell: (row) => <strong>{row.name}</strong>,
    },
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
    {
      id: "actions",
      header: t("field.actions"),
      align: "end",
      cell: (row) => (
        <Group gap={6} justify="flex-end" wrap="nowrap">
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`${t("action.edit")}: ${row.name}`}
            onClick={() => setOpen({ kind: "edit", zone: row })}
          >
            {t("action.edit")}
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`${t("action.delete")}: ${row.name}`}
            onClick={() => setOpen({ kind: "delete", zone: row })}
          >
            {t("action.delete")}
          </Button>
        </Group>
      ),
    },
  ];
}
