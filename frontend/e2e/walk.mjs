import { readFileSync } from "node:fs";
import { join } from "node:path";
import { check, eventually, go, repository, shoot, signIn, test } from "./harness.mjs";

const SAMPLE = join(repository, "docs/samples/ppp-secrets.rsc");

test("import, online, suspend, walled, pay, open again", async (open) => {
  const page = await open();
  await signIn(page);
  await importSample(page);
  const username = await findOnline(page);
  await openCustomer(page, username);
  await suspend(page);
  await payAndRenew(page);
});

async function importSample(page) {
  await go(page, "/imports");
  await page.locator('input[type="file"]').setInputFiles(SAMPLE);
  await page.waitForURL("**/imports/*");
  const rest = page.getByLabel("Package for the rest");
  await rest.waitFor();
  await eventually(
    "packages to choose from",
    async () => (await rest.locator("option").count()) > 1,
    15,
  );
  await rest.selectOption({ index: 1 });
  await page.getByRole("button", { name: "Preview", exact: true }).click();
  const apply = page.getByRole("button", { name: /^Import .* customers$/ });
  await apply.waitFor();
  await shoot(page, "import-preview");
  // A second run on the same database finds everything imported already.
  if (await apply.isDisabled()) return;
  await apply.click();
  await page
    .getByRole("button", { name: "Download the result of each row" })
    .waitFor({ timeout: 90_000 });
  await page.reload();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download the result of each row" }).click();
  const result = readFileSync(await (await download).path(), "utf8");
  check(result.split("\n").length > 2, "the result file is empty");
}

/** The name of an imported account that has dialled in with open access. */
async function findOnline(page) {
  const secrets = new Set(
    [...readFileSync(SAMPLE, "utf8").matchAll(/\bname="?([^\s"]+)"?/g)].map((match) => match[1]),
  );
  await go(page, "/sessions?limit=200");
  const username = await eventually(
    "an imported subscriber online",
    async () => {
      const rows = await page.getByRole("row").allInnerTexts();
      const cells = rows.filter((row) => row.includes("Open")).flatMap((row) => row.split(/\s+/));
      return cells.find((cell) => secrets.has(cell));
    },
    120,
  );
  await shoot(page, "online");
  return username;
}

async function openCustomer(page, username) {
  await page.getByRole("row").filter({ hasText: username }).getByRole("link").first().click();
  await page.waitForURL("**/customers/*");
  await page.getByRole("button", { name: "Suspend", exact: true }).waitFor();
  await shoot(page, "customer");
}

async function suspend(page) {
  await page.getByRole("button", { name: "Suspend", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").selectOption("non_payment");
  await shoot(page, "suspend-dialog");
  await dialog.getByRole("button", { name: "Suspend" }).click();
  await page.getByText("Customer suspended").waitFor();
  await accessBecomes(page, "Walled");
  await shoot(page, "walled");
}

async function payAndRenew(page) {
  await page.getByRole("button", { name: "Receive payment" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reference").fill("E2E");
  check(await dialog.getByLabel("Renew the service").isChecked(), "renew is not proposed");
  await shoot(page, "payment-dialog");
  await dialog.getByRole("button", { name: "Receive payment" }).click();
  await page.getByText("Payment received").waitFor();
  await page
    .locator(".lm-pill", { hasText: /^Active$/ })
    .first()
    .waitFor();
  await accessBecomes(page, "Open");
  await page.getByRole("tab", { name: "Payments" }).click();
  await page.getByRole("cell", { name: "E2E" }).first().waitFor();
  await page.getByRole("tab", { name: "Statement" }).click();
  await page.getByRole("table").waitFor();
  await shoot(page, "statement");
}

async function accessBecomes(page, access) {
  await page.getByRole("tab", { name: "Sessions" }).click();
  const panel = page.getByRole("tabpanel");
  await eventually(
    `the session is ${access}`,
    async () => (await panel.locator(".lm-pill", { hasText: access }).count()) > 0,
    60,
  );
}
