import { check, demo, eventually, field, go, shoot, signIn, test } from "./harness.mjs";
import { ACCEPT, login, REJECT } from "./radius.mjs";

const GIGABYTE = "GB";

test("a router's page tells its rules and what it asked", async (open) => {
  const page = await open();
  await signIn(page);
  await go(page, "/nas");
  await page.getByRole("link", { name: "POP-Uttara" }).click();
  await page.getByRole("heading", { level: 2, name: "Rules" }).waitFor();
  await page.getByText("Login requests").waitFor({ timeout: 40_000 });
  await page.getByRole("cell", { name: /^127\./ }).waitFor();
  await shoot(page, "router");
  await page.getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog");
  await field(dialog, "Requests per second").fill("2000");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("2,000").waitFor();
});

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

test("limits, fair use, devices and a refused login of one customer", async (open) => {
  const page = await open();
  await signIn(page);
  const stamp = Date.now();
  const made = { package: `Limited ${stamp}`, username: `aaa-${stamp}`, password: "open-sesame-1" };
  await createLimitedPackage(page, made);
  await setFairUse(page, made);
  await createCustomer(page, made);
  await topUp(page);
  await forceAndLift(page);
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

async function setFairUse(page, made) {
  await page.getByRole("button", { name: `Fair use: ${made.package}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Save" }).click();
  // A tier that says nothing is refused next to the tiers.
  await dialog.getByRole("alert").first().waitFor();
  await field(dialog, "After volume").fill("20");
  check(
    (await dialog.getByLabel("After volume: unit").inputValue()) === GIGABYTE,
    "volumes are not typed in gigabytes",
  );
  await field(dialog, "Download (kbit/s)").fill("2000");
  await field(dialog, "Upload (kbit/s)").fill("1000");
  await dialog.getByRole("button", { name: "Try on last month" }).click();
  await dialog.getByText("Nobody on this package used anything last month").waitFor();
  await shoot(page, "fair-use-policy");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("Fair use saved").waitFor();
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

async function forceAndLift(page) {
  await page.getByRole("tab", { name: "Fair use" }).click();
  await page.getByText("Full speed").waitFor();
  await page.getByRole("button", { name: "Put a tier in force" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Put a tier in force" }).click();
  await page.getByText("Tier 1 applies").waitFor();
  await shoot(page, "fair-use-forced");
  await page.getByRole("button", { name: "Begin counting anew" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Begin counting anew" }).click();
  await page.getByText("Full speed").waitFor();
  await page.getByRole("cell", { name: /^Put in force by hand/ }).waitFor();
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
  await page
    .getByText(/was refused: /)
    .first()
    .waitFor({ timeout: 20_000 });
  await page.locator(".lm-pill", { hasText: "The password is wrong" }).first().waitFor();
  await page.getByRole("button", { name: "Start trace" }).click();
  await page.getByText("Waiting for the first packet").waitFor();
  await eventually("a traced packet", async () => {
    await ask(made.password);
    return (await page.getByRole("log").getByText("Access-Request").count()) > 0;
  });
  await shoot(page, "connection");
  await page.getByRole("button", { name: "Stop and forget" }).click();
  await page.getByText("Trace stopped").waitFor();
}
