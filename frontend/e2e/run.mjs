import { runAll } from "./harness.mjs";
import "./access.mjs";
import "./walk.mjs";
import "./aaa.mjs";
import "./work.mjs";
import "./routers.mjs";
import "./look.mjs";

const good = await runAll(process.argv[2] ?? "");
process.exit(good ? 0 : 1);
