import createClient from "openapi-fetch";
import type { paths } from "./generated/schema";
import { ProblemError, problemOf } from "./problems";
import { currentToken, refreshSession, sessionLost } from "./session";

/** Sends with the access token; on 401 refreshes once and sends again. */
async function sendSigned(request: Request): Promise<Response> {
  const again = request.clone();
  const first = await fetch(signed(request));
  if (first.status !== 401 || request.url.includes("/auth/")) return first;
  if (await refreshSession()) return fetch(signed(again));
  sessionLost();
  return first;
}

function signed(request: Request): Request {
  const token = currentToken();
  if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
  return request;
}

export const client = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? "http://localhost",
  fetch: sendSigned,
});

/** Opens a stream of server-sent events; null when the server refuses it. */
export async function openEvents(
  path: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array> | null> {
  const url = new URL(path, globalThis.location.origin);
  const headers = { Accept: "text/event-stream" };
  const response = await sendSigned(new Request(url, { headers, signal }));
  if (response.status >= 500 || response.status === 429) throw new Error("The stream is away.");
  return response.ok ? response.body : null;
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a good answer; a refusal is thrown as a ProblemError. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw new ProblemError(problemOf(error, response.status));
  return data as T;
}

/** The body together with its version, for edits that send If-Match. */
export async function unwrapWithEtag<T>(
  answer: Promise<Answer<T>>,
): Promise<{ view: T; etag: string }> {
  const settled = await answer;
  const view = await unwrap(Promise.resolve(settled));
  return { view, etag: settled.response.headers.get("ETag") ?? "" };
}
