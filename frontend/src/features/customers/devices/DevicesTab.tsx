import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { ConfirmDialog } from "@/api/ConfirmDialog";
import { useFormat } from "@/api/format";
import { bindMac, removeMac } from "@/api/networkMutations";
import { macsQuery } from "@/api/networkQuery";
import { useCan } from "@/api/permissions";
import { ResourceList } from "@/api/ResourceList";
import type { Customer, Schema } from "@/api/types";
import { useT } from "@/i18n";
import { blankToNull } from "@/lib/object";
import { AddButton, actionsColumn, RowButton } from "@/ui/buttons";
import type { Column } from "@/ui/DataTable";
import { TextField } from "@/ui/fields";
import { Section } from "@/ui/Section";
import { EmptyState } from "@/ui/States";
import { TwoLines } from "@/ui/TwoLines";
import type { CustomerTabProps } from "../CustomerPage";

type Mac = Schema<"DeviceView">;
type Open = { kind: "bind" } | { kind: "remove"; mac: Mac } | null;

/** The devices the customer is known by. */
export function DevicesTab({ customer }: CustomerTabProps) {
  const t = useT();
  const can = useCan();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <Section
      title={t("customer_tab.devices")}
      actions={
        can("edit_customers") && (
          <AddButton label={t("device.add")} onClick={() => setOpen({ kind: "bind" })} />
        )
      }
    >
      <ResourceList
        label={t("customer_tab.devices")}
        query={useQuery(macsQuery(customer.id))}
        columns={useMacColumns((mac) => setOpen({ kind: "remove", mac }))}
        rowKey={(row) => row.mac}
        empty={<EmptyState title={t("device.empty")} hint={t("device.empty_hint")} />}
      />
      {open?.kind === "bind" && <BindDialog customer={customer} onClose={close} />}
      {open?.kind === "remove" && (
        <ConfirmDialog
          title={t("action.remove")}
          question={t("device.remove_question", { mac: open.mac.mac, name: customer.name })}
          confirmLabel={t("action.remove")}
          saved="device.removed"
          danger
          onConfirm={() => removeMac(customer.id, open.mac.mac)}
          onClose={close}
        />
      )}
    </Section>
  );
}

const schema = z.object({
  mac: z.string().check(z.trim(), z.minLength(1, "form.required")),
  label: z.string(),
});

function BindDialog({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const t = useT();
  return (
    <DialogForm
      title={t("device.add")}
      schema={schema}
      defaults={{ mac: "", label: "" }}
      submitLabel={t("device.add")}
      saved="device.added"
      onSubmit={(values) =>
        bindMac(customer.id, { mac: values.mac.trim(), label: blankToNull(values.label) })
      }
      onClose={onClose}
    >
      <TextField name="mac" label={t("field.mac")} required data-autofocus />
      <TextField name="label" label={t("device.label")} />
    </DialogForm>
  );
}

function useMacColumns(onRemove: (mac: Mac) => void): Column<Mac>[] {
  const t = useT();
  const can = useCan();
  const format = useFormat();
  const columns: Column<Mac>[] = [
    {
      id: "mac",
      header: t("field.mac"),
      card: "title",
      cell: (row) => (
        <TwoLines first={<span className="lm-mono">{row.mac}</span>} second={row.label} />
      ),
    },
    {
      id: "how",
      header: t("device.how"),
      cell: (row) => t(row.learnt ? "device.by_login" : "limits.by_hand"),
    },
    {
      id: "added_at",
      header: t("device.added_at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.added_at)}</span>,
    },
  ];
  if (!can("remove_mac_bind")) return columns;
  const actions = actionsColumn<Mac>(t("field.actions"), (row) => (
    <RowButton label={t("action.remove")} of={row.mac} onClick={() => onRemove(row)} />
  ));
  return [...columns, actions];
}
