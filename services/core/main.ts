import { CORE_POOL_SIZE } from "#mesh/limits.ts";
import { runService } from "#mesh/service.ts";
import { settings } from "./config.ts";
import { startCore } from "./start-core.ts";

await runService({
  name: "core",
  migrations: new URL("store/migrations/", import.meta.url),
  settings,
  poolSize: CORE_POOL_SIZE,
  start: startCore,
});
