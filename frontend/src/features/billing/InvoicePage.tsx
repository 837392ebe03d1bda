import { Button, Group, SimpleGrid, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Printer } from "lucide-react";
import { useState } from "react";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { CustomerLink } from "@/api/columns";
import { useFormat } from "@/api/format";
import { Loaded } from "@/api/Loaded";
import { voidInvoice } from "@/api/mutations";
import { useCan, useMe } from "@/api/permissions";
import { InvoiceStatus } from "@/api/pills";
import { invoiceQuery } from "@/api/query";
import type { Invoice } from "@/api/types";
import { useT } from "@/i18n";
import { type Column, DataTable } from "@/ui/DataTable";
import { Facts } from "@/ui/Facts";
import { PasswordField, TextField } from "@/ui/fields";
import { Page, Panel } from "@/ui/Page";

export function InvoicePage() {
  const { invoiceId } = useParams({ strict: false }) as { invoiceId: string };
  return (
    <Loaded query={useQuery(invoiceQuery(invoiceId))}>
      {(invoice) => <InvoiceSheet invoice={invoice} />}
    </Loaded>
  );
}

function InvoiceSheet({ invoice }: { invoice: Invoice }) {
  const t = useT();
  const can = useCan();
  const me = useMe();
  const [voiding, setVoiding] = useState(false);
  const columns = useLineColumns();
  const lines = invoice.lines.map((line, at) => ({ ...line, key: `${at} ${line.description}` }));
  const actions = (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<Printer size={14} />}
        onClick={() => window.print()}
      >
        {t("action.print")}
      </Button>
      {can("void_invoices") && invoice.status !== "void" && (
        <Button size="xs" variant="default" onClick={() => setVoiding(true)}>
          {t("invoice.void")}
        </Button>
      )}
    </>
  );
  return (
    <Page
      title={
        <Group gap="xs" component="span">
          {t("invoice.title", { number: invoice.number })}
          <InvoiceStatus invoice={invoice} />
        </Group>
      }
      subtitle={me.isp?.name}
      actions={actions}
    >
      <Summary invoice={invoice} />
      <div className="lm-surface">
        <DataTable
          label={t("invoice.lines")}
          columns={columns}
          rows={lines}
          rowKey={(row) => row.key}
        />
      </div>
      {voiding && <VoidDialog invoice={invoice} onClose={() => setVoiding(false)} />}
    </Page>
  );
}

function Summary({ invoice }: { invoice: Invoice }) {
  const t = useT();
  const format = useFormat();
  return (
    <Panel>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing={{ base: 0, sm: "xl" }}>
        <Facts
          facts={[
            { label: t("field.customer"), value: <CustomerLink of={invoice.customer} /> },
            {
              label: t("field.period"),
              value: `${format.date(invoice.period_start)} – ${format.date(invoice.period_end)}`,
            },
            { label: t("field.issued_at"), value: format.dateTime(invoice.issued_at) },
          ]}
        />
        <Facts
          facts={[
            { label: t("field.total"), value: <strong>{format.money(invoice.total)}</strong> },
            { label: t("field.paid"), value: format.money(invoice.paid) },
            { label: t("field.due_at"), value: format.date(invoice.due_at) },
          ]}
        />
      </SimpleGrid>
      {invoice.void_reason && (
        <Text size="sm" mt="sm">
          {t("invoice.void_because", { reason: invoice.void_reason })}
        </Text>
      )}
    </Panel>
  );
}

type Line = Invoice["lines"][number] & { key: string };

function useLineColumns(): Column<Line>[] {
  const t = useT();
  const format = useFormat();
  return [
    {
      id: "description",
      wrap: true,
      header: t("field.description"),
      card: "title",
      cell: (row) => row.description,
    },
    {
      id: "quantity",
      header: t("field.quantity"),
      align: "end",
      cell: (row) => <span className="lm-num">{row.quantity}</span>,
    },
    {
      id: "unit_price",
      header: t("field.unit_price"),
      align: "end",
      cell: (row) => <span className="lm-num">{format.money(row.unit_price)}</span>,
    },
    {
      id: "amount",
      header: t("field.amount"),
      align: "end",
      card: "corner",
      cell: (row) => <span className="lm-num">{format.money(row.amount)}</span>,
    },
  ];
}

const voidSchema = z.object({
  reason: z.string().check(z.trim(), z.minLength(1, "form.required")),
  password: z.string().check(z.minLength(1, "form.required")),
});

function VoidDialog({ invoice, onClose }: { invoice: Invoice; onClose: () => void }) {
  const t = useT();
  return (
    <DialogForm
      title={t("invoice.void")}
      schema={voidSchema}
      defaults={{ reason: "", password: "" }}
      submitLabel={t("invoice.void")}
      saved="invoice.voided"
      danger
      onSubmit={(values) => voidInvoice(invoice.id, values)}
      onClose={onClose}
    >
      <Text size="sm">
        {t("invoice.void_question", { number: invoice.number, name: invoice.customer.name })}
      </Text>
      <TextField name="reason" label={t("field.reason")} required data-autofocus />
      <PasswordField
        name="password"
        label={t("field.your_password")}
        autoComplete="current-password"
        required
      />
    </DialogForm>
  );
}
