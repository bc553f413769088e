import { MAX_BATCH_MESSAGE_BYTES } from "#mesh/limits.ts";
import { runService } from "#mesh/service.ts";
import { settings } from "./config.ts";
import { startBilling } from "./start-billing.ts";
import { databaseRole } from "./store/role.ts";

await runService({
  name: "billing",
  migrations: new URL("store/migrations/", import.meta.url),
  databaseRole,
  maxMessageBytes: MAX_BATCH_MESSAGE_BYTES,
  settings,
  start: startBilling,
});
