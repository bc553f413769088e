import { MAX_BATCH_MESSAGE_BYTES } from "#mesh/limits.ts";
import { runService } from "#mesh/service.ts";
import { startBilling } from "./start-billing.ts";

await runService({
  name: "billing",
  migrations: new URL("store/migrations/", import.meta.url),
  maxMessageBytes: MAX_BATCH_MESSAGE_BYTES,
  start: startBilling,
});
