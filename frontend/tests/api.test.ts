import { afterEach, describe, expect, it, vi } from "vitest";
import { client, unwrap } from "@/api/client";
import { ProblemError, pointerToPath, problemOf, toProblem } from "@/api/problems";
import { keys } from "@/api/query";
import * as searches from "@/api/searches";
import { currentToken, forgetSession, refreshSession, startSession } from "@/api/session";

const signIn = {
  access_token: "first",
  token_type: "Bearer" as const,
  expires_in: 600,
  refresh_token: null,
  must_change_password: false,
};

afterEach(() => {
  vi.unstubAllGlobals();
  forgetSession();
});

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json" },
  });
}

describe("query keys", () => {
  it("do not depend on blanks", () => {
    expect(keys.list("customers", { status: undefined, search: "" })).toEqual(
      keys.list("customers"),
    );
    expect(keys.list("customers", { online: false })).not.toEqual(keys.list("customers"));
  });
});

describe("searches", () => {
  it("survive any URL", () => {
    const search = searches.customers({ status: "x", limit: "50", search: "kar", page: 3 });
    expect(search).toEqual({ limit: 50, search: "kar" });
  });
});

describe("problems", () => {
  it("know a lost connection from a refusal", () => {
    expect(toProblem(new TypeError("Failed to fetch")).code).toBe("network_error");
    expect(toProblem(new Error("x")).code).toBe("unexpected_error");
    expect(problemOf("<html>", 502).code).toBe("unexpected_error");
  });

  it("turn JSON pointers into form paths", () => {
    expect(pointerToPath("/name")).toBe("name");
    expect(pointerToPath("#/price/amount")).toBe("price.amount");
  });
});

describe("the session", () => {
  it("refreshes once for many calls at the same time", async () => {
    const fetch = vi.fn(async () => json({ ...signIn, access_token: "second" }));
    vi.stubGlobal("fetch", fetch);
    const answers = await Promise.all([refreshSession(), refreshSession(), refreshSession()]);
    expect(answers).toEqual([true, true, true]);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(currentToken()).toBe("second");
  });

  it("repeats a refused request with the new token", async () => {
    startSession(signIn);
    const seen: (string | null)[] = [];
    vi.stubGlobal("fetch", async (input: Request | string) => {
      if (typeof input === "string") return json({ ...signIn, access_token: "second" });
      const token = input.headers.get("Authorization");
      seen.push(token);
      return token === "Bearer second" ? json({ ok: true }) : json({ code: "token_expired" }, 401);
    });
    await unwrap(client.GET("/api/v1/me"));
    expect(seen).toEqual(["Bearer first", "Bearer second"]);
  });

  it("forgets the token when the refresh is refused", async () => {
    startSession(signIn);
    vi.stubGlobal("fetch", async () => json({ code: "refresh_token_invalid" }, 401));
    await expect(unwrap(client.GET("/api/v1/me"))).rejects.toBeInstanceOf(ProblemError);
    expect(currentToken()).toBeNull();
  });
});
