import { MATCHING_POOL_SIZE, MAX_BATCH_MESSAGE_BYTES } from "#mesh/limits.ts";
import { runService } from "#mesh/service.ts";
import { settings } from "./config.ts";
import { startMatching } from "./start-matching.ts";

await runService({
  name: "matching",
  migrations: new URL("store/migrations/", import.meta.url),
  settings,
  maxMessageBytes: MAX_BATCH_MESSAGE_BYTES, // 256 orders of a stream (G15)
  poolSize: MATCHING_POOL_SIZE,
  start: startMatching,
});
