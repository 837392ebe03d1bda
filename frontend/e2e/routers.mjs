import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, field, go, repository, shoot, signIn, test } from "./harness.mjs";

const lastmile = process.env.E2E_LASTMILE ?? join(repository, "target/debug/lastmile");
const PASSWORD = "a-router-password";
/** A router that says nothing is waited for twice, five seconds each, and once more to be sure. */
const SILENCE = 40_000;

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** A simulated router in a process of its own; each start makes it another certificate. */
async function startRouter({ port, tlsPort, scenario }) {
  const options = ["--port", port, "--tls-port", tlsPort, "--password", PASSWORD];
  const router = spawn(lastmile, ["simnet", "router", ...options, "--scenario", scenario]);
  const exited = new Promise((done) => router.on("exit", done));
  const listens = new Promise((done) => {
    router.stdout.on("data", (text) => String(text).includes("listens on") && done());
  });
  let trouble = "";
  router.stderr.on("data", (text) => {
    trouble += text;
  });
  await Promise.race([listens, exited]);
  check(router.exitCode === null, `the simulated router did not start: ${trouble}`);
  return {
    /** It goes on existing and says nothing, like one whose line is cut. */
    freeze: () => router.kill("SIGSTOP"),
    thaw: () => router.kill("SIGCONT"),
    stop: async () => {
      router.kill("SIGCONT");
      router.kill("SIGINT");
      await exited;
    },
  };
}

function writeScenario(folder) {
  const file = join(folder, "router.json");
  const setup = [
    "/certificate add name=api common-name=router",
    "/certificate sign api",
    "/ip service set api-ssl certificate=api",
  ].join("\n");
  writeFileSync(file, JSON.stringify({ version: "7.16", identity: "E2E-POP", setup }));
  return file;
}

/** The state in the heading of the page. */
async function stands(page, words, timeout = 15_000) {
  await page.locator("h1 .lm-pill", { hasText: new RegExp(`^${words}$`) }).waitFor({ timeout });
}

async function checkNow(page) {
  const button = page.getByRole("button", { name: "Check now" });
  await button.click();
  await page.getByRole("button", { name: "Checking" }).waitFor();
  await button.waitFor({ timeout: SILENCE });
}

async function edit(page, change) {
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await change(dialog);
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
}

async function confirmCertificate(page) {
  await page.getByRole("button", { name: "Confirm certificate" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/[0-9a-f]{64}/).waitFor();
  await dialog.getByRole("button", { name: "Confirm certificate" }).click();
  await dialog.waitFor({ state: "hidden" });
}

async function add(page, name, port) {
  await go(page, "/routers");
  await page.getByRole("button", { name: "Add router" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Add router" }).click();
  await dialog.getByText("This is required.").first().waitFor();
  await field(dialog, "Name").fill(name);
  await field(dialog, "Address or name").fill("127.0.0.1");
  await dialog.getByRole("checkbox", { name: /^Speak in TLS/ }).click();
  check((await field(dialog, "API port").inputValue()) === "8728", "the port does not follow TLS");
  await dialog.getByText("Without TLS the password crosses").waitFor();
  await field(dialog, "API port").fill(String(port));
  await field(dialog, "Username").fill("admin");
  await dialog.getByLabel("Password", { exact: true }).fill("not-the-password");
  await shoot(page, "router-new");
  await dialog.getByRole("button", { name: "Add router" }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

async function walk(page, router, { name, port, tlsPort }) {
  await add(page, name, port);
  await stands(page, "Connection refused");
  await page.getByText(`Nothing listens on port ${port}`).waitFor();

  await router.start();
  await checkNow(page);
  await stands(page, "Wrong user or password");
  await shoot(page, "router-wrong-password");
  await edit(page, (dialog) => dialog.getByLabel("Password", { exact: true }).fill(PASSWORD));
  await stands(page, "Reachable");
  await page.getByText("E2E-POP").first().waitFor();
  await page.getByText("7.16 (stable)").first().waitFor();

  await edit(page, async (dialog) => {
    await dialog.getByRole("checkbox", { name: /^Speak in TLS/ }).click();
    await field(dialog, "API port").fill(String(tlsPort));
    await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  });
  await stands(page, "Confirm certificate");
  await page.getByText("No password was sent yet").waitFor();
  await shoot(page, "router-certificate");
  await confirmCertificate(page);
  await stands(page, "Reachable");

  await router.restart();
  await checkNow(page);
  await stands(page, "Certificate changed");
  await page.getByText("Confirmed (SHA-256)").waitFor();
  await page.getByText(/^Shown since/).waitFor();
  await shoot(page, "router-certificate-changed");
  await confirmCertificate(page);
  await stands(page, "Reachable");

  router.now.freeze();
  await checkNow(page);
  await page.getByText("The last check failed: No answer").waitFor();
  await stands(page, "Reachable");
  await stands(page, "No answer", SILENCE + 20_000);
  await page.getByText("A firewall drops our packets").waitFor();
  await shoot(page, "router-away");
  router.now.thaw();
  await checkNow(page);
  await stands(page, "Reachable");
}

async function historyAndEnd(page, name) {
  const history = page.getByRole("region", { name: "History", exact: true }).first();
  const told = await history.locator(".lm-pill").allInnerTexts();
  const expected = [
    "Reachable",
    "No answer",
    "Reachable",
    "Certificate changed",
    "Reachable",
    "Confirm certificate",
    "Reachable",
    "Wrong user or password",
    "Connection refused",
  ];
  check(told.join(", ") === expected.join(", "), `the history tells ${told.join(", ")}`);
  await shoot(page, "router-history");
  await go(page, "/routers");
  await page.getByLabel("Name, address, identity").fill("e2e-pop");
  const other = page.getByRole("link", { name: "POP-Mirpur", exact: true });
  await other.waitFor({ state: "hidden" });
  await page.getByRole("link", { name }).waitFor();
  await shoot(page, "routers");
  await page.getByRole("link", { name }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("Router deleted").waitFor();
  await page.getByRole("heading", { level: 1, name: "Routers" }).waitFor();
  await other.waitFor();
  await page.getByRole("link", { name }).waitFor({ state: "hidden" });
}

test("a router is added, refuses, is mended, changes its certificate, goes and comes back", async (open) => {
  const folder = mkdtempSync(join(tmpdir(), "lastmile-e2e-"));
  const place = {
    port: await freePort(),
    tlsPort: await freePort(),
    scenario: writeScenario(folder),
  };
  const router = {
    now: null,
    start: async () => {
      router.now = await startRouter(place);
    },
    restart: async () => {
      await router.now.stop();
      await router.start();
    },
  };
  try {
    const page = await open();
    await signIn(page);
    const name = `E2E router ${Date.now()}`;
    await walk(page, router, { ...place, name });
    await historyAndEnd(page, name);
  } finally {
    await router.now?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
