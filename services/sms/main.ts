import { MAX_BATCH_MESSAGE_BYTES, SMS_POOL_SIZE } from "#mesh/limits.ts";
import { runService } from "#mesh/service.ts";
import { settings } from "./config.ts";
import { startSms } from "./start-sms.ts";

await runService({
  name: "sms",
  migrations: new URL("store/migrations/", import.meta.url),
  settings,
  maxMessageBytes: MAX_BATCH_MESSAGE_BYTES, // 1,000 texts (G15)
  poolSize: SMS_POOL_SIZE,
  start: startSms,
});
