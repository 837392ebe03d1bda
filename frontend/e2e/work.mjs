import { check, eventually, field, go, shoot, signIn, test } from "./harness.mjs";

test("searching by / and Enter opens a single hit", async (open) => {
  const page = await open();
  await signIn(page);
  await go(page, "/customers");
  const link = page.getByRole("row").nth(1).getByRole("link").first();
  await link.waitFor();
  const username = (await page.locator("td .lm-mono").first().innerText()).trim();
  await page.locator("h1").click();
  await page.keyboard.press("/");
  await page.keyboard.type(username);
  const box = page.getByLabel("Search everything");
  const hits = page.getByRole("listbox").getByRole("option");
  await hits.first().waitFor();
  check((await box.inputValue()) === username, "the box does not hold what was typed");
  await page.waitForTimeout(600);
  if ((await hits.count()) > 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/customers\/[0-9a-f-]{36}/);
});

test("filters live in the URL and an empty list says so", async (open) => {
  const page = await open();
  await signIn(page);
  await go(page, "/customers");
  await page.getByLabel("Status", { exact: true }).selectOption("active");
  await page.waitForURL("**status=active*");
  await page.getByLabel("Name, number, username, mobile").fill("zzz no such customer");
  await page.getByText("Nothing matches").waitFor();
  check(page.url().includes("search="), "the search is not in the URL");
  await page.getByRole("link", { name: "Clear filters" }).click();
  await page.getByRole("table").waitFor();
  await page.getByRole("button", { name: "Name" }).click();
  await page.waitForURL("**sort=name*");
});

test("pages of a list go forward and back", async (open) => {
  const page = await open();
  await signIn(page);
  await go(page, "/customers?limit=25");
  const next = page.getByRole("button", { name: "Next" });
  await page.getByRole("table").waitFor();
  if (await next.isDisabled()) return;
  const first = await page.getByRole("row").nth(1).innerText();
  await next.click();
  await page.waitForURL("**cursor=*");
  await eventually(
    "another first row",
    async () => (await page.getByRole("row").nth(1).innerText()) !== first,
    10,
  );
  await page.getByRole("button", { name: "Previous" }).click();
  await eventually(
    "the first page again",
    async () => (await page.getByRole("row").nth(1).innerText()) === first,
    10,
  );
});

test("creating a customer shows mistakes at their field, then works", async (open) => {
  const page = await open();
  await signIn(page);
  await go(page, "/customers/new");
  await page.getByRole("button", { name: "Create customer" }).click();
  await page.getByText("This is required.").first().waitFor();
  const name = `E2E ${Date.now()}`;
  await field(page, "Name").fill(name);
  await field(page, "Username").fill(`e2e-${Date.now()}`);
  await page.getByLabel("Service password").fill("secret-4711");
  await page.getByLabel("Package").selectOption({ index: 1 });
  await field(page, "Mobile").fill("not a number");
  await page.getByRole("button", { name: "Create customer" }).click();
  await page.locator('[id$="-error"]').first().waitFor();
  await field(page, "Mobile").fill("01712345678");
  await page.getByRole("button", { name: "Create customer" }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
  await page.getByText("+8801712345678").first().waitFor();
});

test("editing changes the customer and history tells who", async (open) => {
  const page = await open();
  await signIn(page);
  await go(page, "/customers");
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog");
  const note = `checked ${Date.now()}`;
  await field(dialog, "Notes").fill(note);
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText(note).waitFor();
  await page.getByRole("tab", { name: "History" }).click();
  await page
    .getByRole("button", { name: /^Changes/ })
    .first()
    .waitFor();
  await shoot(page, "history");
});

test("adding a RADIUS client shows its secret once", async (open) => {
  const page = await open();
  await signIn(page);
  await go(page, "/nas");
  await page.getByRole("button", { name: "Add RADIUS client" }).click();
  const dialog = page.getByRole("dialog");
  const stamp = Date.now();
  await field(dialog, "Name").fill(`edge-${stamp}`);
  const address = `198.18.${Math.floor(stamp / 256) % 256}.${stamp % 256}`;
  await field(dialog, "IP address or network").fill(address);
  await dialog.getByRole("button", { name: "Add RADIUS client" }).click();
  await page.getByText("Copy it now").waitFor();
  const secret = await page.getByLabel("Secret", { exact: true }).innerText();
  check(secret.length >= 12, "the secret is too short");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText(`edge-${stamp}`).waitFor();
});

test("a realm is made, edited and deleted", async (open) => {
  const page = await open();
  await signIn(page);
  await go(page, "/realms");
  const name = `partner-${Date.now()}.example`;
  await page.getByRole("button", { name: "Add realm" }).first().click();
  let dialog = page.getByRole("dialog");
  await field(dialog, "Name").fill(name);
  await field(dialog, "IP address").fill("198.51.100.20");
  await field(dialog, "Secret").fill("between-providers-1");
  await dialog.getByRole("button", { name: "Add home server" }).click();
  await shoot(page, "realm-new");
  await dialog.getByRole("button", { name: "Remove home server 2" }).click();
  await dialog.getByRole("button", { name: "Add realm" }).click();
  const row = page.getByRole("row").filter({ hasText: name });
  await row.getByText("198.51.100.20").waitFor();
  await row.getByRole("button", { name: "Edit" }).click();
  dialog = page.getByRole("dialog");
  await field(dialog, "IP address").fill("not an address");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText(/address of a host/).waitFor();
  await shoot(page, "realm-refused");
  await field(dialog, "IP address").fill("198.51.100.20");
  await dialog.getByRole("checkbox", { name: /without the realm/ }).click();
  await field(dialog, "Logins that may wait").fill("20");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  await row.getByText("Nothing was asked yet").waitFor();
  await shoot(page, "realms");
  await row.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await row.waitFor({ state: "hidden" });
});

test("sessions are deleted only when somebody says so twice", async (open) => {
  const page = await open();
  await signIn(page);
  await go(page, "/settings");
  const months = field(page, "Keep ended sessions (months)");
  await page.getByText("Nothing is deleted").waitFor();
  await months.fill("240");
  await page.getByText(/are deleted for good/).waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Tick this to go on.").waitFor();
  await shoot(page, "settings-history");
  await page.getByRole("checkbox", { name: /they do not come back/ }).click();
  await field(page, "Your name to other providers").fill("no domain");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/Enter a domain name of your own/).waitFor();
  await field(page, "Your name to other providers").fill("demo.example");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved").first().waitFor();
  await months.fill("");
  await field(page, "Your name to other providers").fill("");
  const edited = page.waitForResponse((response) => response.request().method() === "PATCH");
  await page.getByRole("button", { name: "Save" }).click();
  check((await edited).ok(), "the settings were not saved");
  await page.reload();
  await page.getByText("Nothing is deleted").waitFor();
});

test("packages and zones can be made", async (open) => {
  const page = await open();
  await signIn(page);
  const stamp = Date.now();
  await go(page, "/packages");
  await page.getByRole("button", { name: "Create package" }).click();
  let dialog = page.getByRole("dialog");
  await field(dialog, "Name").fill(`Test ${stamp}`);
  await field(dialog, "Price (BDT)").fill("750");
  await field(dialog, "Download (kbit/s)").fill("8000");
  await field(dialog, "Upload (kbit/s)").fill("4000");
  await dialog.getByRole("button", { name: "Create package" }).click();
  await page.getByRole("cell", { name: `Test ${stamp}`, exact: true }).waitFor();
  await page.getByRole("button", { name: `Retire: Test ${stamp}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Retire" }).click();
  await page.getByText("Package retired").waitFor();
  await go(page, "/zones");
  await page.getByRole("button", { name: "Create zone" }).click();
  dialog = page.getByRole("dialog");
  await field(dialog, "Name").fill(`Zone ${stamp}`);
  await dialog.getByRole("button", { name: "Create zone" }).click();
  await page.getByRole("cell", { name: `Zone ${stamp}`, exact: true }).waitFor();
});
