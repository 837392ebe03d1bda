import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bn as bnFirst } from "@/i18n/bn";
import { bnLater } from "@/i18n/bnLater";
import { en as enFirst } from "@/i18n/en";
import { enLater } from "@/i18n/enLater";

const en = { ...enFirst, ...enLater };
const bn = { ...bnFirst, ...bnLater };
const texts: Record<string, string> = en;

/** Codes are the members of string enumerations in the generated types. */
function unionOf(typeName: string): string[] {
  const source = readFileSync("src/api/generated/schema.d.ts", "utf8");
  const match = new RegExp(`^\\s+${typeName}: ("[^;]*);`, "m").exec(source);
  return (match?.[1] ?? "").split("|").map((part) => part.trim().replace(/"/g, ""));
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? "").sort();
}

describe("languages", () => {
  it("hold the same keys", () => {
    expect(Object.keys(bn).sort()).toEqual(Object.keys(en).sort());
  });

  it("define each key in one file only", () => {
    const keys = readdirSync("src/i18n/en").flatMap((file) =>
      [...readFileSync(join("src/i18n/en", file), "utf8").matchAll(/^ {2}"([^"]+)":/gm)].map(
        (match) => match[1],
      ),
    );
    expect(keys.length).toBe(Object.keys(en).length);
  });

  it("leave no text empty and name the same values", () => {
    for (const [key, text] of Object.entries(texts)) {
      const other = (bn as Record<string, string>)[key] ?? "";
      expect(text.trim(), key).not.toBe("");
      expect(other.trim(), key).not.toBe("");
      expect(placeholders(other), key).toEqual(placeholders(text));
    }
  });

  it("have a text for every permission and role of the API", () => {
    const permissions = unionOf("Permission");
    expect(permissions.length).toBeGreaterThan(10);
    for (const code of permissions) expect(texts, code).toHaveProperty([`permission.${code}`]);
  });

  it("have words for every state of a router, and words and advice for every trouble", () => {
    const causes = unionOf("RouterCause");
    expect(causes.length).toBeGreaterThan(10);
    for (const cause of causes) {
      expect(texts, cause).toHaveProperty([`router_cause.${cause}`]);
      expect(texts, cause).toHaveProperty([`router_advice.${cause}`]);
    }
    const states = unionOf("RouterState");
    expect(states.length).toBeGreaterThan(3);
    for (const state of states) expect(texts, state).toHaveProperty([`router_state.${state}`]);
  });

  it("have a text for every problem code of the API", () => {
    const table = readFileSync("../crates/api/src/problem_type.rs", "utf8");
    const codes = [...table.matchAll(/^ {4}\w+ \d{3} "([a-z_]+)" "/gm)].map(
      (match) => match[1] ?? "",
    );
    expect(codes.length).toBeGreaterThan(30);
    for (const code of codes) expect(texts, code).toHaveProperty([`problem.${code}`]);
  });
});

describe("sources", () => {
  it("ask only for texts that exist", () => {
    const asked = sourceFiles("src").flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/\bt\("([^"]+)"/g)].map((match) => match[1] ?? ""),
    );
    expect(asked.length).toBeGreaterThan(100);
    for (const key of asked) expect(texts, key).toHaveProperty([key]);
  });

  it("ask for nothing that comes later where one begins", () => {
    const prefixes = new Set(Object.keys(enLater).map((key) => key.replace(/\..*/, "")));
    const first = ["src/panels", "src/features/dashboard", "src/ui"].flatMap(sourceFiles);
    const asked = first.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/\b(?:t|optional)\(["`](\w+)\./g)].map(
        (match) => match[1] ?? "",
      ),
    );
    expect(asked.length).toBeGreaterThan(30);
    expect(asked.filter((prefix) => prefixes.has(prefix))).toEqual([]);
  });
});

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes("generated"))
    .map((name) => join(folder, name));
}
