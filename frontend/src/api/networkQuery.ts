import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { compact } from "@/lib/object";
import { client, unwrap, unwrapWithEtag } from "./client";
import { type Filters, keys, type PageFilters } from "./query";
import type { Schema } from "./types";

export type RouterFilters = Filters<"/api/v1/routers">;
export type SessionHistoryFilters = Filters<"/api/v1/sessions/history">;

/** What a customer does on the network: connection, usage, limits, devices. */
const DIAGNOSIS_INTERVAL = 10_000;
const ANSWERS_INTERVAL = 5_000;
const TRACE_INTERVAL = 1_500;
const TRACED_PACKETS = 500;
/** How often a router is read while it is being looked at, and otherwise. */
const CHECKING_INTERVAL = 700;
const ROUTER_INTERVAL = 5_000;
/** The servers write what they count every ten seconds. */
const COUNTERS_INTERVAL = 10_000;

export const diagnosisQuery = (id: string) =>
  queryOptions({
    queryKey: keys.part("customers", id, "diagnosis"),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/customers/{id}/connection-diagnosis", {
          params: { path: { id } },
          signal,
        }),
      ),
    refetchInterval: DIAGNOSIS_INTERVAL,
  });

export const loginAnswersQuery = (id: string) =>
  queryOptions({
    queryKey: keys.part("customers", id, "login-answers"),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/customers/{id}/login-answers", { params: { path: { id } }, signal }),
      ),
    refetchInterval: ANSWERS_INTERVAL,
  });

type RadiusTrace = Schema<"RadiusTraceView">;

/** The trace of a customer; while it runs, only packets that are new are asked for. */
export const radiusTraceQuery = (id: string) =>
  queryOptions({
    queryKey: keys.part("customers", id, "radius-trace"),
    queryFn: async ({ client: cache, queryKey, signal }) => {
      const known = cache.getQueryData<RadiusTrace>(queryKey);
      const query = compact({ after: known?.packets.at(-1)?.id });
      const trace = await unwrap(
        client.GET("/api/v1/customers/{id}/radius-trace", {
          params: { path: { id }, query },
          signal,
        }),
      );
      if (known?.started_at !== trace.started_at || query.after === undefined) return trace;
      return { ...trace, packets: [...known.packets, ...trace.packets].slice(-TRACED_PACKETS) };
    },
    refetchInterval: ({ state }) => (state.data?.active ? TRACE_INTERVAL : false),
  });

export const oneNasQuery = (id: string) =>
  queryOptions({
    queryKey: keys.one("nas", id),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/nas/{id}", { params: { path: { id } }, signal })),
    refetchInterval: COUNTERS_INTERVAL,
  });

export const nasCountersQuery = (id: string) =>
  queryOptions({
    queryKey: keys.part("nas", id, "counters"),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/nas/{id}/counters", { params: { path: { id } }, signal })),
    refetchInterval: COUNTERS_INTERVAL,
  });

export const packageFairUseQuery = (id: string) =>
  queryOptions({
    queryKey: keys.part("packages", id, "fair-use"),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/packages/{id}/fair-use", { params: { path: { id } }, signal })),
    // A form is made of it once; what others change meanwhile must not empty what is being typed.
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

export const fairUseQuery = (id: string) =>
  queryOptions({
    queryKey: keys.part("customers", id, "fair-use"),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/customers/{id}/fair-use", { params: { path: { id } }, signal })),
    refetchInterval: ANSWERS_INTERVAL,
  });

export const fairUseLogQuery = (id: string, filters: PageFilters) =>
  queryOptions({
    queryKey: keys.part("customers", id, "fair-use-log", filters),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/customers/{id}/fair-use/log", {
          params: { path: { id }, query: compact(filters) },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const liveChangesQuery = (id: string) =>
  queryOptions({
    queryKey: keys.part("customers", id, "live-changes"),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/customers/{id}/live-changes", { params: { path: { id } }, signal }),
      ),
    refetchInterval: ANSWERS_INTERVAL,
  });

export interface UsageStretch {
  by: "day" | "month";
  from: string;
  to: string;
}

export const usageQuery = (id: string, stretch: UsageStretch) =>
  queryOptions({
    queryKey: keys.part("customers", id, "usage", stretch),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/customers/{id}/usage", {
          params: { path: { id }, query: { ...stretch } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const sessionHistoryQuery = (filters: SessionHistoryFilters, enabled: boolean) =>
  queryOptions({
    queryKey: keys.list("session-history", filters),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/sessions/history", { params: { query: compact(filters) }, signal }),
      ),
    placeholderData: keepPreviousData,
    enabled,
  });

export const limitsQuery = (id: string) =>
  queryOptions({
    queryKey: keys.part("customers", id, "limits"),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/customers/{id}/limits", { params: { path: { id } }, signal })),
    refetchInterval: ANSWERS_INTERVAL,
  });

export const overridesQuery = (id: string) =>
  queryOptions({
    queryKey: keys.part("customers", id, "overrides"),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/customers/{id}/overrides", { params: { path: { id } }, signal })),
  });

export const macsQuery = (id: string) =>
  queryOptions({
    queryKey: keys.part("customers", id, "macs"),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/customers/{id}/macs", { params: { path: { id } }, signal })),
  });

export const realmsQuery = queryOptions({
  queryKey: keys.list("realms"),
  queryFn: ({ signal }) => unwrap(client.GET("/api/v1/realms", { signal })),
});

export const routersQuery = (filters: RouterFilters) =>
  queryOptions({
    queryKey: keys.list("routers", filters),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/routers", { params: { query: compact(filters) }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: ROUTER_INTERVAL,
  });

export const routerQuery = (id: string) =>
  queryOptions({
    queryKey: keys.one("routers", id),
    queryFn: ({ signal }) =>
      unwrapWithEtag(client.GET("/api/v1/routers/{id}", { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) =>
      state.data?.view.is_being_checked ? CHECKING_INTERVAL : ROUTER_INTERVAL,
  });

/** Read again whenever what the history tells of changed. */
export const routerHistoryQuery = (id: string, filters: PageFilters, changed: string) =>
  queryOptions({
    queryKey: keys.part("routers", id, "history", { ...filters, changed }),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/routers/{id}/history", {
          params: { path: { id }, query: compact(filters) },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
