import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** A very small runner: each test has a browser context of its own and ends it. */
const here = dirname(fileURLToPath(import.meta.url));
export const repository = resolve(here, "../..");
const shots = join(here, "shots");
const demoPath = process.env.E2E_DEMO ?? join(repository, "var/demo.json");

export const demo = JSON.parse(readFileSync(demoPath, "utf8"));
export const base = (process.env.BASE_URL ?? demo.http).replace(/\/$/, "");

const axeSource = readFileSync(
  join(repository, "frontend/node_modules/axe-core/axe.min.js"),
  "utf8",
);
const tests = [];

export function test(name, run) {
  tests.push({ name, run });
}

/** Opens a page in a fresh context; the interface language is fixed so that texts can be found. */
async function openPage(browser, options = {}) {
  const { language = "en", ...contextOptions } = options;
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    locale: "en-GB",
    ...contextOptions,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.addInitScript((code) => {
    localStorage.getItem("lastmile-language") ?? localStorage.setItem("lastmile-language", code);
  }, language);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    const expected = /Failed to load resource/.test(message.text());
    if (message.type() === "error" && !expected) errors.push(message.text());
  });
  return { page, errors, context };
}

export async function signIn(page, who = "admin") {
  const { login, password } = demo.sign_ins[who];
  await page.goto(`${base}/sign-in`);
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("#main").waitFor();
}

/** A text input by its exact label; a mark for "required" is not part of it. */
export function field(scope, name) {
  return scope.getByRole("textbox", { name, exact: true });
}

/** Moves inside the application, as a click on a link would. */
export async function go(page, path) {
  await page.evaluate((href) => history.pushState({}, "", href), path);
  await page.waitForFunction(() => document.querySelector("#main h1") !== null);
  await page.waitForFunction(
    () => document.querySelector('[role="status"] .mantine-Loader-root') === null,
  );
  await page.waitForTimeout(150);
}

export function check(condition, message) {
  if (!condition) throw new Error(message);
}

/** Repeats until it holds; for what other processes bring about. */
export async function eventually(what, probe, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const value = await probe();
    if (value) return value;
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

export async function noSidewaysScroll(page, where) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  check(over <= 0, `${where} scrolls sideways by ${over} px`);
}

export async function accessible(page, where) {
  await page.waitForTimeout(250);
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const result = await window.axe.run({ runOnly: tags });
    return result.violations.map((rule) => `${rule.id}: ${rule.nodes[0].html.slice(0, 140)}`);
  });
  check(found.length === 0, `${where}: ${found.join(" | ")}`);
}

export async function shoot(page, name) {
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`) });
}

export async function runAll(filter) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  let passed = 0;
  let failed = 0;
  for (const { name, run } of tests.filter((entry) => entry.name.includes(filter))) {
    const opened = [];
    const open = async (options) => {
      const view = await openPage(browser, options);
      opened.push(view);
      return view.page;
    };
    const began = Date.now();
    try {
      await run(open);
      const errors = opened.flatMap((view) => view.errors);
      check(errors.length === 0, `errors in the page: ${errors.join(" | ")}`);
      passed += 1;
      console.log(`ok   ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${name}\n     ${String(error.message ?? error).slice(0, 900)}`);
      const last = opened.at(-1);
      if (last)
        await shoot(last.page, `failed-${name.replace(/\W+/g, "-")}`).catch(() => undefined);
    }
    for (const view of opened) await view.context.close();
  }
  await browser.close();
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}
