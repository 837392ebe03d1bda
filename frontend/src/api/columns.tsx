import { Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useOptionalText, useT } from "@/i18n";
import type { Column } from "@/ui/DataTable";
import { TwoLines } from "@/ui/TwoLines";
import { ChangesPopover } from "./ChangesPopover";
import { useFormat } from "./format";
import { AccessPill, InvoiceStatus } from "./pills";
import type { AuditEntry, Invoice, Payment, RadiusSession } from "./types";

/** Columns that more than one page shows. */
export function useInvoiceColumns(): Column<Invoice>[] {
  const t = useT();
  const format = useFormat();
  return [
    {
      id: "number",
      header: t("field.invoice"),
      card: "title",
      cell: (row) => (
        <Link to="/invoices/$invoiceId" params={{ invoiceId: row.id }} className="lm-link lm-num">
          {row.number}
        </Link>
      ),
    },
    {
      id: "customer",
      header: t("field.customer"),
      cell: (row) => <CustomerLink of={row.customer} />,
    },
    {
      id: "status",
      header: t("field.status"),
      card: "corner",
      cell: (row) => <InvoiceStatus invoice={row} />,
    },
    {
      id: "period",
      header: t("field.period"),
      cell: (row) => (
        <span className="lm-num">
          {format.date(row.period_start)} – {format.date(row.period_end)}
        </span>
      ),
    },
    {
      id: "due_at",
      header: t("field.due_at"),
      cell: (row) => <span className="lm-num">{format.date(row.due_at)}</span>,
    },
    {
      id: "total",
      header: t("field.total"),
      align: "end",
      cell: (row) => <span className="lm-num">{format.money(row.total)}</span>,
    },
    {
      id: "paid",
      header: t("field.paid"),
      align: "end",
      cell: (row) => <span className="lm-num">{format.money(row.paid)}</span>,
    },
  ];
}

export function usePaymentColumns(): Column<Payment>[] {
  const t = useT();
  const format = useFormat();
  return [
    {
      id: "receipt_number",
      header: t("field.receipt"),
      card: "title",
      cell: (row) => <strong className="lm-num">{row.receipt_number}</strong>,
    },
    {
      id: "customer",
      header: t("field.customer"),
      cell: (row) => <CustomerLink of={row.customer} />,
    },
    {
      id: "received_at",
      header: t("field.received_at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.received_at)}</span>,
    },
    { id: "method", header: t("field.method"), cell: (row) => t(`method.${row.method}`) },
    { id: "reference", header: t("field.reference"), cell: (row) => row.reference },
    {
      id: "allocations",
      wrap: true,
      header: t("field.settles"),
      cell: (row) => row.allocations.map((part) => part.invoice_number).join(", "),
    },
    { id: "received_by", header: t("field.received_by"), cell: (row) => row.received_by?.name },
    {
      id: "amount",
      header: t("field.amount"),
      align: "end",
      card: "corner",
      cell: (row) => <strong className="lm-num">{format.money(row.amount)}</strong>,
    },
  ];
}

export function useSessionColumns(withEnd = false): Column<RadiusSession>[] {
  const t = useT();
  const format = useFormat();
  const columns: Column<RadiusSession>[] = [
    {
      id: "customer",
      header: t("field.customer"),
      card: "title",
      cell: (row) => (
        <TwoLines
          first={row.customer ? <CustomerLink of={row.customer} /> : t("session.unknown")}
          second={<span className="lm-mono">{row.username}</span>}
        />
      ),
    },
    {
      id: "access",
      header: t("field.access"),
      card: "corner",
      cell: (row) => <AccessPill access={row.access} />,
    },
    {
      id: "address",
      header: t("session.address"),
      cell: (row) => (
        <TwoLines
          first={<span className="lm-mono">{row.framed_ip}</span>}
          second={<span className="lm-mono">{row.mac}</span>}
        />
      ),
    },
    { id: "nas", header: t("field.nas"), cell: (row) => row.nas.name },
    {
      id: "started_at",
      header: t("field.started_at"),
      cell: (row) => (
        <TwoLines
          first={<span className="lm-num">{format.dateTime(row.started_at)}</span>}
          second={<span className="lm-num">{format.duration(row.seconds)}</span>}
        />
      ),
    },
    {
      id: "volume",
      header: t("session.volume"),
      align: "end",
      cell: (row) => (
        <TwoLines
          first={<span className="lm-num">{format.bytes(row.download_bytes)}</span>}
          second={<span className="lm-num">{format.bytes(row.upload_bytes)}</span>}
        />
      ),
    },
  ];
  const end: Column<RadiusSession> = {
    id: "stopped_at",
    header: t("field.stopped_at"),
    cell: (row) =>
      row.stopped_at ? (
        <TwoLines
          first={<span className="lm-num">{format.dateTime(row.stopped_at)}</span>}
          second={row.presumed ? t("session.presumed") : row.terminate_cause}
        />
      ) : (
        t("session.running")
      ),
  };
  const speed: Column<RadiusSession> = {
    id: "speed",
    header: t("session.speed"),
    align: "end",
    cell: (row) => (
      <TwoLines
        first={<span className="lm-num">{format.rate(Number(row.download_bps) / 1000)}</span>}
        second={<span className="lm-num">{format.rate(Number(row.upload_bps) / 1000)}</span>}
      />
    ),
  };
  return withEnd ? [...columns, end] : [...columns, speed];
}

export function useAuditColumns(): Column<AuditEntry>[] {
  const t = useT();
  const optional = useOptionalText();
  const format = useFormat();
  return [
    {
      id: "at",
      header: t("field.at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.at)}</span>,
    },
    {
      id: "action",
      header: t("field.action"),
      card: "title",
      cell: (row) => optional(`audit_action.${row.action}`) ?? plainWords(row.action),
    },
    { id: "actor", header: t("field.actor"), cell: (row) => <Who entry={row} /> },
    {
      id: "resource",
      header: t("field.resource"),
      cell: (row) => (
        <span>
          {plainWords(row.resource_type)}
          {row.resource_type === "customer" && row.resource_id && (
            <>
              {" "}
              <Link
                to="/customers/$customerId"
                params={{ customerId: row.resource_id }}
                className="lm-link"
              >
                {t("action.open")}
              </Link>
            </>
          )}
        </span>
      ),
    },
    { id: "ip", header: t("field.ip"), cell: (row) => <span className="lm-mono">{row.ip}</span> },
    { id: "changes", header: t("field.changes"), cell: (row) => <ChangesPopover entry={row} /> },
  ];
}

function Who({ entry }: { entry: AuditEntry }) {
  const t = useT();
  const name = entry.actor?.name ?? (entry.api_key_id ? t("audit.api_key") : t("audit.system"));
  return (
    <Group gap={6}>
      <span>{name}</span>
      {entry.impersonator && (
        <span style={{ color: "var(--mantine-color-dimmed)" }}>
          {t("audit.by", { name: entry.impersonator.name })}
        </span>
      )}
    </Group>
  );
}

function plainWords(code: string): string {
  return code.replace(/[._]/g, " ");
}

export function CustomerLink({ of: customer }: { of: { id: string; name: string } }) {
  return (
    <Link to="/customers/$customerId" params={{ customerId: customer.id }} className="lm-link">
      {customer.name}
    </Link>
  );
}
