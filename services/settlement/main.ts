import { MAX_BATCH_MESSAGE_BYTES, SETTLEMENT_POOL_SIZE } from "#mesh/limits.ts";
import { runService } from "#mesh/service.ts";
import { settings } from "./config.ts";
import { startSettlement } from "./start-settlement.ts";

await runService({
  name: "settlement",
  migrations: new URL("store/migrations/", import.meta.url),
  settings,
  maxMessageBytes: MAX_BATCH_MESSAGE_BYTES, // 1,000 payouts, or a statement (G15)
  poolSize: SETTLEMENT_POOL_SIZE,
  start: startSettlement,
});
