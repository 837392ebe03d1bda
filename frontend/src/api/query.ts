import { keepPreviousData, type QueryKey, queryOptions } from "@tanstack/react-query";
import { compact } from "@/lib/object";
import type { PageSize } from "@/lib/url";
import { client, unwrap, unwrapWithEtag } from "./client";
import type { paths } from "./generated/schema";
import type { Job } from "./types";

type QueryOf<Path extends keyof paths> = paths[Path] extends {
  get: { parameters: { query?: infer Query } };
}
  ? NonNullable<Query>
  : never;

/** Filters as they stand in a URL: a missing value is undefined. */
export type Filters<Path extends keyof paths> = {
  [Key in keyof QueryOf<Path>]?: QueryOf<Path>[Key] | undefined;
};

export type CustomerFilters = Filters<"/api/v1/customers">;
export type InvoiceFilters = Filters<"/api/v1/invoices">;
export type PaymentFilters = Filters<"/api/v1/payments">;
export type SessionFilters = Filters<"/api/v1/sessions">;
export type AuditFilters = Filters<"/api/v1/audit-log">;
export type JobFilters = Filters<"/api/v1/jobs">;
export type UserFilters = Filters<"/api/v1/users">;
export type PageFilters = { limit?: PageSize | undefined; cursor?: string | undefined };

const LIVE_INTERVAL = 3_000;
const CUSTOMER_INTERVAL = 5_000;
const DASHBOARD_INTERVAL = 15_000;
const JOB_INTERVAL = 800;

/** Every cache key starts with its resource, then the shape, then the filters without blanks. */
export const keys = {
  me: ["me"] as const,
  list: (resource: string, filters: object = {}): QueryKey => [resource, "list", compact(filters)],
  one: (resource: string, id: string): QueryKey => [resource, "one", id],
  part: (resource: string, id: string, part: string, filters: object = {}): QueryKey => [
    resource,
    "one",
    id,
    part,
    compact(filters),
  ],
};

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: ({ signal }) => unwrap(client.GET("/api/v1/me", { signal })),
  staleTime: 60_000,
});

export const mySignInsQuery = queryOptions({
  queryKey: keys.list("my-sign-ins"),
  queryFn: ({ signal }) => unwrap(client.GET("/api/v1/me/sign-ins", { signal })),
});

export const overviewQuery = queryOptions({
  queryKey: keys.list("overview"),
  queryFn: ({ signal }) => unwrap(client.GET("/api/v1/widgets/overview", { signal })),
  refetchInterval: DASHBOARD_INTERVAL,
});

export const searchQuery = (text: string) =>
  queryOptions({
    queryKey: keys.list("search", { text }),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/search", { params: { query: { q: text } }, signal })),
    enabled: text.trim().length > 1,
    placeholderData: keepPreviousData,
  });

export const customersQuery = (filters: CustomerFilters) =>
  queryOptions({
    queryKey: keys.list("customers", filters),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/customers", { params: { query: compact(filters) }, signal })),
    placeholderData: keepPreviousData,
  });

export const customerQuery = (id: string) =>
  queryOptions({
    queryKey: keys.one("customers", id),
    queryFn: ({ signal }) =>
      unwrapWithEtag(client.GET("/api/v1/customers/{id}", { params: { path: { id } }, signal })),
    refetchInterval: CUSTOMER_INTERVAL,
  });

export const customerInvoicesQuery = (id: string, filters: PageFilters) =>
  queryOptions({
    queryKey: keys.part("customers", id, "invoices", filters),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/customers/{id}/invoices", {
          params: { path: { id }, query: compact(filters) },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const customerPaymentsQuery = (id: string, filters: PageFilters) =>
  queryOptions({
    queryKey: keys.part("customers", id, "payments", filters),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/customers/{id}/payments", {
          params: { path: { id }, query: compact(filters) },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const customerStatementQuery = (id: string, filters: PageFilters) =>
  queryOptions({
    queryKey: keys.part("customers", id, "statement", filters),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/customers/{id}/statement", {
          params: { path: { id }, query: compact(filters) },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const customerSessionsQuery = (id: string, filters: PageFilters) =>
  queryOptions({
    queryKey: keys.part("customers", id, "sessions", filters),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/customers/{id}/sessions", {
          params: { path: { id }, query: compact(filters) },
          signal,
        }),
      ),
    refetchInterval: LIVE_INTERVAL,
    placeholderData: keepPreviousData,
  });

export const customerHistoryQuery = (id: string, filters: PageFilters) =>
  queryOptions({
    queryKey: keys.part("customers", id, "history", filters),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/customers/{id}/history", {
          params: { path: { id }, query: compact(filters) },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const packagesQuery = queryOptions({
  queryKey: keys.list("packages"),
  queryFn: ({ signal }) => unwrap(client.GET("/api/v1/packages", { signal })),
});

export const zonesQuery = queryOptions({
  queryKey: keys.list("zones"),
  queryFn: ({ signal }) => unwrap(client.GET("/api/v1/zones", { signal })),
});

export const operatorsQuery = queryOptions({
  queryKey: keys.list("operators"),
  queryFn: ({ signal }) => unwrap(client.GET("/api/v1/operators", { signal })),
});

export const nasQuery = queryOptions({
  queryKey: keys.list("nas"),
  queryFn: ({ signal }) => unwrap(client.GET("/api/v1/nas", { signal })),
  refetchInterval: DASHBOARD_INTERVAL,
});

export const usersQuery = (filters: UserFilters) =>
  queryOptions({
    queryKey: keys.list("users", filters),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/users", { params: { query: compact(filters) }, signal })),
    placeholderData: keepPreviousData,
  });

export const apiKeysQuery = queryOptions({
  queryKey: keys.list("api-keys"),
  queryFn: ({ signal }) => unwrap(client.GET("/api/v1/api-keys", { signal })),
});

export const tenanciesQuery = queryOptions({
  queryKey: keys.list("tenancies"),
  queryFn: ({ signal }) => unwrap(client.GET("/api/v1/tenancies", { signal })),
});

export const ispsQuery = queryOptions({
  queryKey: keys.list("isps"),
  queryFn: ({ signal }) => unwrap(client.GET("/api/v1/isps", { signal })),
});

export const settingsQuery = queryOptions({
  queryKey: keys.list("settings"),
  queryFn: ({ signal }) => unwrap(client.GET("/api/v1/settings", { signal })),
});

export const invoicesQuery = (filters: InvoiceFilters) =>
  queryOptions({
    queryKey: keys.list("invoices", filters),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/invoices", { params: { query: compact(filters) }, signal })),
    placeholderData: keepPreviousData,
  });

export const invoiceQuery = (id: string) =>
  queryOptions({
    queryKey: keys.one("invoices", id),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/invoices/{id}", { params: { path: { id } }, signal })),
  });

export const paymentsQuery = (filters: PaymentFilters) =>
  queryOptions({
    queryKey: keys.list("payments", filters),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/payments", { params: { query: compact(filters) }, signal })),
    placeholderData: keepPreviousData,
  });

export const trialBalanceQuery = queryOptions({
  queryKey: keys.list("trial-balance"),
  queryFn: ({ signal }) => unwrap(client.GET("/api/v1/trial-balance", { signal })),
});

export const sessionsQuery = (filters: SessionFilters) =>
  queryOptions({
    queryKey: keys.list("sessions", filters),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/sessions", { params: { query: compact(filters) }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: LIVE_INTERVAL,
  });

export const importsQuery = queryOptions({
  queryKey: keys.list("imports"),
  queryFn: ({ signal }) => unwrap(client.GET("/api/v1/imports", { signal })),
});

export const importQuery = (id: string) =>
  queryOptions({
    queryKey: keys.one("imports", id),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/imports/{id}", { params: { path: { id } }, signal })),
    refetchInterval: (query) => (query.state.data?.state === "running" ? 1_500 : false),
  });

export const jobsQuery = (filters: JobFilters) =>
  queryOptions({
    queryKey: keys.list("jobs", filters),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/jobs", { params: { query: compact(filters) }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: DASHBOARD_INTERVAL,
  });

/** A job; asked for again until it has ended, unless its events are being told. */
export const jobQuery = (id: string, told = false) =>
  queryOptions({
    queryKey: keys.one("jobs", id),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/jobs/{id}", { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (told || jobEnded(state.data) ? false : JOB_INTERVAL),
  });

export function jobEnded(job: Job | undefined): boolean {
  return job !== undefined && ["done", "dead", "cancelled"].includes(job.state);
}

export const auditLogQuery = (filters: AuditFilters) =>
  queryOptions({
    queryKey: keys.list("audit-log", filters),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/audit-log", { params: { query: compact(filters) }, signal })),
    placeholderData: keepPreviousData,
  });
