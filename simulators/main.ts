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
});
log.info({ host, port: simulators.port }, "listening");
const { error } = await stop.stopped;
if (error !== undefined) log.fatal({ err: error }, "nobody caught this");
