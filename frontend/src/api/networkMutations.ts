import { client, unwrap } from "./client";
import type { Schema } from "./types";

/** Writes about what customers do on the network, one function per operation. */
const byId = (id: string) => ({ path: { id } });

export const startRadiusTrace = (id: string) =>
  unwrap(client.POST("/api/v1/customers/{id}/radius-trace", { params: byId(id), body: {} }));
export const stopRadiusTrace = (id: string) =>
  unwrap(client.DELETE("/api/v1/customers/{id}/radius-trace", { params: byId(id) }));
export const forgetLearntNas = (id: string) =>
  unwrap(client.DELETE("/api/v1/nas/{id}/learnt", { params: byId(id) }));

export const setFairUse = (id: string, body: Schema<"FairUsePolicy">) =>
  unwrap(client.PUT("/api/v1/packages/{id}/fair-use", { params: byId(id), body }));
export const removeFairUse = (id: string) =>
  unwrap(client.DELETE("/api/v1/packages/{id}/fair-use", { params: byId(id) }));
export const simulateFairUse = (id: string, body: Schema<"FairUsePolicy">) =>
  unwrap(client.POST("/api/v1/packages/{id}/fair-use/simulate", { params: byId(id), body }));
export const activateFairUse = (id: string, body: Schema<"ActivateFairUseRequest">) =>
  unwrap(client.POST("/api/v1/customers/{id}/fair-use/activate", { params: byId(id), body }));
export const deactivateFairUse = (id: string, body: Schema<"DeactivateFairUseRequest">) =>
  unwrap(client.POST("/api/v1/customers/{id}/fair-use/deactivate", { params: byId(id), body }));
export const resetFairUse = (id: string, body: Schema<"ResetFairUseRequest">) =>
  unwrap(client.POST("/api/v1/customers/{id}/fair-use/reset", { params: byId(id), body }));

export const setOverrides = (id: string, body: Schema<"SetOverridesRequest">) =>
  unwrap(client.PUT("/api/v1/customers/{id}/overrides", { params: byId(id), body }));
export const removeOverrides = (id: string) =>
  unwrap(client.DELETE("/api/v1/customers/{id}/overrides", { params: byId(id) }));
export const grantTopUp = (id: string, body: Schema<"GrantTopUpRequest">) =>
  unwrap(client.POST("/api/v1/customers/{id}/top-ups", { params: byId(id), body }));
export const bindMac = (id: string, body: Schema<"AddDeviceRequest">) =>
  unwrap(client.POST("/api/v1/customers/{id}/macs", { params: byId(id), body }));
export const removeMac = (id: string, mac: string) =>
  unwrap(client.DELETE("/api/v1/customers/{id}/macs/{mac}", { params: { path: { id, mac } } }));

export const createRouter = (body: Schema<"CreateRouterRequest">) =>
  unwrap(client.POST("/api/v1/routers", { body }));
export const editRouter = (id: string, etag: string, body: Schema<"EditRouterRequest">) =>
  unwrap(
    client.PATCH("/api/v1/routers/{id}", {
      params: { path: { id }, header: { "If-Match": etag } },
      body,
    }),
  );
export const deleteRouter = (id: string) =>
  unwrap(client.DELETE("/api/v1/routers/{id}", { params: byId(id) }));
export const checkRouter = (id: string) =>
  unwrap(client.POST("/api/v1/routers/{id}/checks", { params: byId(id), body: {} }));
export const confirmRouterFingerprint = (
  id: string,
  body: Schema<"ConfirmRouterFingerprintRequest">,
) =>
  unwrap(client.POST("/api/v1/routers/{id}/fingerprint-confirmations", { params: byId(id), body }));

export const createRealm = (body: Schema<"CreateRealmRequest">) =>
  unwrap(client.POST("/api/v1/realms", { body }));
export const editRealm = (id: string, body: Schema<"EditRealmRequest">) =>
  unwrap(client.PATCH("/api/v1/realms/{id}", { params: byId(id), body }));
export const deleteRealm = (id: string) =>
  unwrap(client.DELETE("/api/v1/realms/{id}", { params: byId(id) }));
