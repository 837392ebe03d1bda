import { compact } from "@/lib/object";
import { choiceParam, flagParam, limitParam, type RawSearch, textParam } from "@/lib/url";

/** What each page keeps in the URL. Unknown and malformed parameters are dropped. */
export function plain(raw: RawSearch) {
  return compact({ limit: limitParam(raw), cursor: textParam(raw, "cursor", 500) });
}

export function signIn(raw: RawSearch) {
  return compact({ next: textParam(raw, "next", 1000) });
}

export const CUSTOMER_STATUSES = ["pending", "active", "suspended", "expired", "closed"] as const;
export const CONNECTION_TYPES = ["pppoe", "hotspot", "static_ip", "other"] as const;
export const BILLING_TYPES = ["prepaid", "postpaid"] as const;
export const CUSTOMER_SORTS = [
  "-number",
  "number",
  "name",
  "-name",
  "expires_at",
  "-expires_at",
] as const;

export function customers(raw: RawSearch) {
  return compact({
    ...plain(raw),
    search: textParam(raw, "search"),
    status: choiceParam(raw, "status", CUSTOMER_STATUSES),
    package_id: textParam(raw, "package_id"),
    zone_id: textParam(raw, "zone_id"),
    operator_id: textParam(raw, "operator_id"),
    connection_type: choiceParam(raw, "connection_type", CONNECTION_TYPES),
    billing_type: choiceParam(raw, "billing_type", BILLING_TYPES),
    online: flagParam(raw, "online"),
    sort: choiceParam(raw, "sort", CUSTOMER_SORTS),
  });
}

export const CUSTOMER_TABS = [
  "overview",
  "connection",
  "usage",
  "limits",
  "fair_use",
  "devices",
  "sessions",
  "bills",
  "payments",
  "statement",
  "history",
] as const;

export function customer(raw: RawSearch) {
  return compact({ tab: choiceParam(raw, "tab", CUSTOMER_TABS) });
}

export const SESSION_VIEWS = ["live", "history"] as const;

export function sessions(raw: RawSearch) {
  return compact({
    ...plain(raw),
    view: choiceParam(raw, "view", SESSION_VIEWS),
    search: textParam(raw, "search"),
    nas_id: textParam(raw, "nas_id"),
    walled: flagParam(raw, "walled"),
    address: textParam(raw, "address", 40),
    username: textParam(raw, "username", 253),
    mac: textParam(raw, "mac", 64),
    at: textParam(raw, "at", 40),
    from: textParam(raw, "from", 40),
    to: textParam(raw, "to", 40),
  });
}

export const ROUTER_STATES = [
  "reachable",
  "unreachable",
  "unconfirmed",
  "fingerprint_changed",
  "unchecked",
] as const;

export function routers(raw: RawSearch) {
  return compact({
    ...plain(raw),
    search: textParam(raw, "search"),
    state: choiceParam(raw, "state", ROUTER_STATES),
  });
}

export const INVOICE_STATUSES = ["issued", "partly_paid", "paid", "void"] as const;

export function invoices(raw: RawSearch) {
  return compact({
    ...plain(raw),
    search: textParam(raw, "search"),
    status: choiceParam(raw, "status", INVOICE_STATUSES),
  });
}

export const PAYMENT_METHODS = [
  "cash",
  "bank_transfer",
  "cheque",
  "card",
  "mobile_money",
  "gateway",
  "wallet",
  "account_credit",
  "voucher",
] as const;

export function payments(raw: RawSearch) {
  return compact({
    ...plain(raw),
    method: choiceParam(raw, "method", PAYMENT_METHODS),
    from: textParam(raw, "from", 10),
    to: textParam(raw, "to", 10),
  });
}

export function users(raw: RawSearch) {
  return compact({
    ...plain(raw),
    search: textParam(raw, "search"),
    role: textParam(raw, "role"),
  });
}

export function auditLog(raw: RawSearch) {
  return compact({
    ...plain(raw),
    actor_id: textParam(raw, "actor_id"),
    resource_id: textParam(raw, "resource_id"),
    permission: textParam(raw, "permission"),
    from: textParam(raw, "from", 10),
    to: textParam(raw, "to", 10),
  });
}

export const JOB_STATES = ["queued", "running", "done", "dead", "cancelled"] as const;

export function jobs(raw: RawSearch) {
  return compact({
    ...plain(raw),
    state: choiceParam(raw, "state", JOB_STATES),
  });
}

export type CustomersSearch = ReturnType<typeof customers>;
export type CustomerSearch = ReturnType<typeof customer>;
export type SessionsSearch = ReturnType<typeof sessions>;
export type RoutersSearch = ReturnType<typeof routers>;
export type InvoicesSearch = ReturnType<typeof invoices>;
export type PaymentsSearch = ReturnType<typeof payments>;
export type UsersSearch = ReturnType<typeof users>;
export type AuditLogSearch = ReturnType<typeof auditLog>;
export type JobsSearch = ReturnType<typeof jobs>;
export type PlainSearch = ReturnType<typeof plain>;
