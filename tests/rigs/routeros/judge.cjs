// node-routeros uses a simulated router: judge.cjs PORT PASSWORD VERSION. It does not know `!empty`, so versions from 7.18 on are not for it.
"use strict";

const assert = require("node:assert");
const { RouterOSAPI } = require("node-routeros");

const [port, password, version] = process.argv.slice(2);
let failed = false;

async function check(name, judge) {
  try {
    await judge();
    console.log(`RESULT node-routeros: ${name}: ok`);
  } catch (error) {
    failed = true;
    console.log(`RESULT node-routeros: ${name}: FAILED: ${error.message ?? error}`);
  }
}

function connected(secret) {
  const api = new RouterOSAPI({ host: "127.0.0.1", port: Number(port), user: "admin", password: secret, timeout: 5 });
  api.on("error", () => {});
  return api.connect();
}

async function main() {
  await check("wrong password", () => assert.rejects(connected("wrong"), /CANTLOGIN|invalid user|[Uu]sername or password/));
  const api = await connected(password);
  await check("version", async () => {
    const [resource] = await api.write("/system/resource/print");
    assert.equal(resource.version.split(" ")[0], version);
  });
  await check("add, query, set, remove", async () => {
    const [added] = await api.write("/ppp/profile/add", ["=name=gold", "=rate-limit=5M/10M"]);
    assert.match(added.ret, /^\*[0-9A-F]+$/);
    const found = await api.write("/ppp/profile/print", ["?name=gold", "=.proplist=name,rate-limit"]);
    assert.deepEqual(found, [{ name: "gold", "rate-limit": "5M/10M" }]);
    await api.write("/ppp/profile/set", [`=.id=${added.ret}`, "=only-one=yes"]);
    const [changed] = await api.write("/ppp/profile/print", [`?.id=${added.ret}`]);
    assert.equal(changed["only-one"], "yes");
    await api.write("/ppp/profile/remove", [`=.id=${added.ret}`]);
    assert.equal((await api.write("/ppp/profile/print")).length, 2);
  });
  await check("trap", () => assert.rejects(api.write("/ppp/profile/remove", ["=.id=*0"]), /can not remove default profile/));
  await check("commands side by side", async () => {
    const answers = await Promise.all([api.write("/user/group/print"), api.write("/system/identity/print"), api.write("/interface/print")]);
    assert.deepEqual(answers.map((rows) => rows.length), [3, 1, 5]);
  });
  await check("listen and cancel", () => listens(api));
  await api.close();
  process.exit(failed ? 1 : 0);
}

/** A stream is told of a pool that comes, and ends when it is asked to. */
async function listens(api) {
  const stream = api.stream(["/ip/pool/listen"]);
  const heard = new Promise((resolve, reject) => {
    stream.on("data", resolve);
    stream.on("error", reject);
    setTimeout(() => reject(new Error("nothing heard")), 5000).unref();
  });
  await api.write("/ip/pool/add", ["=name=second", "=ranges=10.1.0.0/24"]);
  assert.equal((await heard).name, "second");
  await stream.stop();
  assert.equal((await api.write("/ip/pool/print")).length, 1);
}

main().catch((error) => {
  console.log(`RESULT node-routeros: FAILED: ${error.message ?? error}`);
  process.exit(1);
});
