import type { SignIn } from "./types";

/** The access token lives in this module only: never in storage, gone with the page. */
let accessToken: string | null = null;
let mustChangePassword = false;
let impersonating = false;
let refreshing: Promise<boolean> | null = null;

let onSignedOut: () => void = () => undefined;

/** What to do when the server no longer knows this browser. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

export function sessionLost(): void {
  forgetSession();
  onSignedOut();
}

export function currentToken(): string | null {
  return accessToken;
}

export function passwordChangeDue(): boolean {
  return mustChangePassword;
}

export function startSession(signIn: SignIn, asSomebodyElse = false): void {
  accessToken = signIn.access_token;
  mustChangePassword = signIn.must_change_password;
  impersonating = asSomebodyElse;
}

export function passwordChanged(): void {
  mustChangePassword = false;
}

export function forgetSession(): void {
  accessToken = null;
  mustChangePassword = false;
  impersonating = false;
}

/** True when there is a usable token, from memory or by the refresh cookie. */
export async function ensureSession(): Promise<boolean> {
  return accessToken !== null || refreshSession();
}

/** Trades the refresh cookie for a new token; calls at the same time share one request. */
export function refreshSession(): Promise<boolean> {
  refreshing ??= acrossTabs(requestRefresh).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function requestRefresh(): Promise<boolean> {
  const response = await fetch("/api/v1/auth/refreshes", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: "{}",
    credentials: "same-origin",
  });
  if (response.ok) {
    const wasImpersonating = impersonating;
    startSession((await response.json()) as SignIn);
    // The cookie belongs to the original person, so everything on screen is out of date.
    if (wasImpersonating) window.location.assign("/");
    return true;
  }
  if (response.status >= 500) throw new Error("The server does not answer.");
  forgetSession();
  return false;
}

/** Two tabs that present the same refresh token would look like theft; they take turns. */
async function acrossTabs(work: () => Promise<boolean>): Promise<boolean> {
  const locks: LockManager | undefined = navigator.locks;
  return locks ? await locks.request("lastmile-refresh", work) : work();
}
