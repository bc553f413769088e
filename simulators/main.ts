import { createLog, levels } from "#mesh/log.ts";
import * as kinds from "#mesh/setting-kinds.ts";
import { readSettings, setting } from "#mesh/settings.ts";
import { listenForStop } from "#mesh/stop-signal.ts";
import { startSimulators } from "./simulators.ts";

const text = (value: string) => value;
const settings = readSettings(process.env, {
  host: setting(["HOST", "where HTTP listens"], kinds.ip, "127.0.0.1"),
  port: setting(["PORT", "the port of HTTP"], kinds.port, 7900),
  store: setting(["SIMULATOR_STORE", "a file that survives a crash"], text, "none"),
  username: setting(["MAGFA_USERNAME", "who may call Magfa"], text, "mizan"),
  domain: setting(["MAGFA_DOMAIN", "whose account that is"], text, "mizan"),
  password: setting(["MAGFA_PASSWORD", "the password of Magfa's account"], text, "magfa-password"),
  hookUrl: setting(["MAGFA_HOOK_URL", "where Magfa pushes receipts"], text, "none"),
  hookSecret: setting(["MAGFA_HOOK_SECRET", "the password for that"], text, "magfa-hook-secret"),
  logLevel: setting(["LOG_LEVEL", "the least that is logged"], kinds.oneOf(levels), "info"),
  parentPipe: setting(
    ["MIZAN_PARENT_PIPE", "whether the process ends with its standard input"],
    kinds.flag,
    false,
  ),
});
const { host, port, store, username, domain, password, hookUrl, hookSecret } = settings;
const log = createLog({ name: "simulators", level: settings.logLevel });
using stop = listenForStop(settings);
await using simulators = await startSimulators({
  host,
  port,
  magfa: {
    account: { username, domain, password },
    hook: hookUrl === "none" ? undefined : { url: hookUrl, secret: hookSecret },
    store: store === "none" ? undefined : store,
  },
  banks: [bankOf("bank", 7901), bankOf("bank-second", 7902)],
});
log.info(
  { host, port: simulators.port, banks: simulators.banks.map((bank) => bank.port) },
  "listening",
);
const { error } = await stop.stopped;
if (error !== undefined) log.fatal({ err: error }, "nobody caught this");

/** What the environment says of a bank: BANK_PORT and so on, or BANK_SECOND_PORT. */
function bankOf(name: string, usualPort: number) {
  const prefix = name.toUpperCase().replaceAll("-", "_");
  const bank = readSettings(process.env, {
    port: setting([`${prefix}_PORT`, "the port of the bank"], kinds.port, usualPort),
    key: setting([`${prefix}_KEY`, "the key of its customer"], text, `${name}-key`),
    hookUrl: setting([`${prefix}_HOOK_URL`, "where the bank tells of payments"], text, "none"),
    hookSecret: setting(
      [`${prefix}_HOOK_SECRET`, "what it signs with"],
      text,
      `${name}-hook-secret`,
    ),
    store: setting([`${prefix}_STORE`, "a file that survives a crash"], text, "none"),
  });
  return {
    name,
    port: bank.port,
    key: bank.key,
    hook: bank.hookUrl === "none" ? undefined : { url: bank.hookUrl, secret: bank.hookSecret },
    store: bank.store === "none" ? undefined : bank.store,
  };
}
