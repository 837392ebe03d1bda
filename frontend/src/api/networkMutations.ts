import { client, unwrap } from "./client";

/** Writes about what customers do on the network, one function per operation. */
const byId = (id: string) => ({ path: { id } });

export const startRadiusTrace = (id: string) =>
  unwrap(client.POST("/api/v1/customers/{id}/radius-trace", { params: byId(id), body: {} }));
export const stopRadiusTrace = (id: string) =>
  unwrap(client.DELETE("/api/v1/customers/{id}/radius-trace", { params: byId(id) }));
export const forgetLearntNas = (id: string) =>
  unwrap(client.DELETE("/api/v1/nas/{id}/learnt", { params: byId(id) }));
