import { accessible, check, go, noSidewaysScroll, shoot, signIn, test } from "./harness.mjs";

const PAGES = [
  "/",
  "/customers",
  "/customers/new",
  "/sessions",
  "/invoices",
  "/payments",
  "/packages",
  "/routers",
  "/nas",
  "/realms",
  "/users",
  "/imports",
  "/audit-log",
  "/jobs",
  "/settings",
  "/account",
  "/sessions?view=history",
];
/** The tabs of a customer that are not seen by opening the page. */
const TABS = [
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
];

/** Visits every tab of a customer who is online, and then the pages of routers. */
async function eachDetail(page, look) {
  await go(page, "/sessions");
  await page.locator('#main a[href^="/customers/"]:visible').first().click();
  await page.getByRole("tab", { name: "Overview" }).waitFor();
  const customer = new URL(page.url()).pathname;
  for (const tab of TABS) {
    await go(page, `${customer}?tab=${tab}`);
    await look(`customer-${tab}`);
  }
  await go(page, "/nas");
  await page.locator('#main a[href^="/nas/"]:visible').first().click();
  await page.getByRole("link", { name: "All RADIUS clients" }).waitFor();
  await page.getByRole("heading", { name: "Counters" }).waitFor();
  await look("radius-client");
  await go(page, "/routers");
  for (const router of ["POP-Mirpur", "POP-Uttara"]) {
    await page.getByRole("link", { name: router, exact: true }).click();
    await page.getByRole("heading", { name: "History" }).waitFor();
    await look(`router-${router}`);
    await page.getByRole("link", { name: "All routers" }).click();
    await page.getByRole("heading", { level: 1, name: "Routers" }).waitFor();
  }
}

test("dark and light can be chosen and are kept", async (open) => {
  const page = await open({ colorScheme: "light" });
  await signIn(page);
  await page.getByRole("button", { name: "Appearance" }).click();
  await page.getByRole("menuitem", { name: "Dark" }).click();
  const scheme = () => page.locator("html").getAttribute("data-mantine-color-scheme");
  check((await scheme()) === "dark", "the page is not dark");
  await page.reload();
  await page.locator("#main").waitFor();
  check((await scheme()) === "dark", "dark was forgotten");
});

test("Bangla can be chosen and is kept", async (open) => {
  const page = await open();
  await signIn(page);
  await go(page, "/customers");
  await page.getByRole("button", { name: "Language" }).click();
  await page.getByRole("menuitem", { name: "বাংলা" }).click();
  await page.getByRole("heading", { level: 1, name: "গ্রাহক" }).waitFor();
  check((await page.locator("html").getAttribute("lang")) === "bn", "lang is not bn");
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "গ্রাহক" }).waitFor();
});

for (const width of [390, 360]) {
  test(`nothing scrolls sideways at ${width} px`, async (open) => {
    const page = await open({ viewport: { width, height: 800 } });
    await signIn(page);
    for (const path of PAGES) {
      await go(page, path);
      await noSidewaysScroll(page, path);
      if (width === 390) await shoot(page, `phone${path.replace(/\W+/g, "-")}`);
    }
    await go(page, "/customers");
    await page.locator(".lm-card a").first().click();
    await page.getByRole("tab", { name: "Overview" }).waitFor();
    await noSidewaysScroll(page, "a customer");
    await eachDetail(page, async (name) => {
      await noSidewaysScroll(page, name);
      if (width === 390) await shoot(page, `phone-${name}`);
    });
    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("link", { name: "Packages" }).click();
    await page.getByRole("heading", { level: 1, name: "Packages" }).waitFor();
  });
}

for (const colorScheme of ["light", "dark"]) {
  test(`pages are accessible in ${colorScheme}`, async (open) => {
    // The content security policy is lifted for the checker that is put into the page.
    const page = await open({ colorScheme, bypassCSP: true });
    await signIn(page);
    for (const path of PAGES) {
      await go(page, path);
      await shoot(page, `desk-${colorScheme}${path.replace(/\W+/g, "-")}`);
      await accessible(page, path);
    }
    await go(page, "/customers");
    await page.getByRole("row").nth(1).getByRole("link").first().click();
    await page.getByRole("tab", { name: "Overview" }).waitFor();
    await shoot(page, `desk-${colorScheme}-customer`);
    await accessible(page, "a customer");
    await page.getByRole("button", { name: "Receive payment" }).click();
    await page.getByRole("dialog").waitFor();
    await page.waitForTimeout(300);
    await accessible(page, "receive payment");
    await shoot(page, `desk-${colorScheme}-payment`);
    await page.keyboard.press("Escape");
    await eachDetail(page, async (name) => {
      await shoot(page, `desk-${colorScheme}-${name}`);
      await accessible(page, name);
    });
  });
}
