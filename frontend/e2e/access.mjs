import { gzipSync } from "node:zlib";
import { base, check, demo, go, signIn, test } from "./harness.mjs";

const FIRST_LOAD_LIMIT = 250 * 1024;

test("a wrong password is refused in words", async (open) => {
  const page = await open();
  await page.goto(`${base}/customers`);
  await page.waitForURL("**/sign-in?next=*");
  await page.getByLabel("Login").fill(demo.sign_ins.admin.login);
  await page.getByLabel("Password", { exact: true }).fill("certainly wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  const alert = page.getByRole("alert");
  await alert.waitFor();
  check(/password/i.test(await alert.innerText()), "the alert does not name the password");
});

test("signing in leads to the page that was asked for and survives a reload", async (open) => {
  const page = await open();
  await page.goto(`${base}/customers?status=active`);
  await page.waitForURL("**/sign-in?next=*");
  await page.getByLabel("Login").fill(demo.sign_ins.admin.login);
  await page.getByLabel("Password", { exact: true }).fill(demo.sign_ins.admin.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/customers?status=active");
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Customers" }).waitFor();
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  check(!/eyJ|token/i.test(stored), "a token is in the storage of the browser");
});

test("signing out closes the application", async (open) => {
  const page = await open();
  await signIn(page);
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in*");
  await page.goto(`${base}/customers`);
  await page.waitForURL("**/sign-in*");
});

test("an operator sees only the own menu", async (open) => {
  const page = await open();
  await signIn(page, "operator");
  const menu = page.getByRole("navigation");
  await menu.getByRole("link", { name: "Customers" }).waitFor();
  for (const hidden of [
    "Routers",
    "RADIUS clients",
    "Settings",
    "Audit log",
    "Platform",
    "API keys",
    "Jobs",
  ]) {
    const count = await menu.getByRole("link", { name: hidden, exact: true }).count();
    check(count === 0, `the operator's menu has ${hidden}`);
  }
});

test("viewing as somebody shows a banner and the way back", async (open) => {
  const page = await open();
  await signIn(page);
  await go(page, "/users");
  await page.getByRole("button", { name: `Actions: ${demo.sign_ins.operator.name}` }).click();
  await page.getByRole("menuitem", { name: "View as" }).click();
  await page.getByText("You see the application as").waitFor();
  const routers = page.getByRole("navigation").getByRole("link", { name: "Routers", exact: true });
  check((await routers.count()) === 0, "the menu is still the administrator's");
  await page.getByRole("button", { name: "Return to my account" }).click();
  await routers.waitFor();
  check((await page.getByText("You see the application as").count()) === 0, "the banner stays");
});

test("the first load of sign-in and shell stays small", async (open) => {
  const page = await open();
  const sizes = new Map();
  page.on("response", async (response) => {
    const { pathname } = new URL(response.url());
    const isAsset = pathname.startsWith("/assets/") || pathname === "/sign-in";
    if (!isAsset || sizes.has(pathname)) return;
    sizes.set(pathname, 0);
    const body = await response.body().catch(() => Buffer.alloc(0));
    sizes.set(pathname, gzipSync(body, { level: 9 }).length);
  });
  await signIn(page);
  // What only the dashboard loads is not part of the first load.
  const own = /Dashboard|DataTable|StatTile|Loaded|columns|format|pills|SimpleGrid|Page-/;
  const total = [...sizes]
    .filter(([path]) => !own.test(path))
    .reduce((sum, [, size]) => sum + size, 0);
  check(total > 50_000, "nothing was measured");
  check(total < FIRST_LOAD_LIMIT, `the first load is ${total} bytes`);
});
