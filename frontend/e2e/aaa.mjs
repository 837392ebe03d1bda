import { check, demo, eventually, field, go, shoot, signIn, test } from "./harness.mjs";
import { ACCEPT, login, REJECT } from "./radius.mjs";

test("who had an address is found in the past", async (open) => {
  const page = await open();
  await signIn(page);
  await go(page, "/sessions");
  const row = page.getByRole("row").nth(1);
  await row.waitFor();
  const text = await row.innerText();
  const address = /\b\d+\.\d+\.\d+\.\d+\b/.exec(text)?.[0] ?? "";
  const customer = await row.getByRole("link").first().innerText();
  await page.getByRole("tab", { name: "History" }).click();
  await field(page, "IP address").fill(address);
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.waitForURL(/address=/);
  await page.getByRole("link", { name: customer }).first().waitFor();
  await shoot(page, "session-history");
  await field(page, "IP address").fill("203.0.113.254");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.getByText("No session matches").waitFor();
});

test("limits, devices and a refused login of one customer", async (open) => {
  const page = await open();
  await signIn(page);
  const stamp = Date.now();
  const made = { package: `Limited ${stamp}`, username: `aaa-${stamp}`, password: "open-sesame-1" };
  await createLimitedPackage(page, made);
  await createCustomer(page, made);
  await topUp(page);
  await bindDevice(page);
  await refusedLogin(page, made);
});

async function createLimitedPackage(page, made) {
  await go(page, "/packages");
  await page.getByRole("button", { name: "Create package" }).click();
  const dialog = page.getByRole("dialog");
  await field(dialog, "Name").fill(made.package);
  await field(dialog, "Price (BDT)").fill("500");
  await field(dialog, "Download (kbit/s)").fill("20000");
  await field(dialog, "Upload (kbit/s)").fill("10000");
  await dialog.getByText("Limits", { exact: true }).click();
  await field(dialog, "Volume limit").fill("50");
  await shoot(page, "package-limits");
  await dialog.getByRole("button", { name: "Create package" }).click();
  await page.getByRole("cell", { name: made.package, exact: true }).waitFor();
}

async function createCustomer(page, made) {
  await go(page, "/customers/new");
  await field(page, "Name").fill(`AAA ${made.username}`);
  await field(page, "Username").fill(made.username);
  await page.getByLabel("Service password").fill(made.password);
  await page.getByLabel("Package").selectOption({ label: made.package });
  await page.getByRole("button", { name: "Create customer" }).click();
  await page.getByRole("tab", { name: "Overview" }).waitFor();
}

async function topUp(page) {
  await page.getByRole("tab", { name: "Limits" }).click();
  await page.getByText("Volume, by Month").waitFor();
  await page.getByRole("button", { name: "Top up" }).click();
  const dialog = page.getByRole("dialog");
  await field(dialog, "Volume").fill("5");
  await field(dialog, "Reason").fill("goodwill");
  await dialog.getByRole("button", { name: "Top up" }).click();
  await page.getByText("5 GB topped up").waitFor();
  await page.getByRole("cell", { name: "goodwill" }).waitFor();
  await shoot(page, "limits");
}

async function bindDevice(page) {
  await page.getByRole("tab", { name: "Devices" }).click();
  await page.getByRole("button", { name: "Bind device" }).click();
  const dialog = page.getByRole("dialog");
  await field(dialog, "MAC address").fill("02-00-5e-10-20-30");
  await dialog.getByRole("button", { name: "Bind device" }).click();
  await page.getByRole("cell", { name: "02:00:5E:10:20:30", exact: true }).waitFor();
}

async function refusedLogin(page, made) {
  const ask = (password) =>
    login({
      server: demo.radius_auth,
      secret: demo.nas_secret,
      username: made.username,
      password,
      mac: "02:00:5E:10:20:30",
    });
  const answer = await eventually("the customer is known to RADIUS", async () => {
    const code = await ask("not the password");
    return code === REJECT || code === ACCEPT ? code : null;
  });
  check(answer === REJECT, "a wrong password was let in");
  await page.getByRole("tab", { name: "Connection" }).click();
  await page.getByRole("heading", { name: "Why is this customer offline?" }).waitFor();
  await page.getByText(/was refused: the password is wrong/).waitFor({ timeout: 20_000 });
  await page.locator(".lm-pill", { hasText: "The password is wrong" }).first().waitFor();
}
