import { adminFile } from "./admin-file.ts";
import type { BankAccounts } from "./bank-accounts.ts";
import type { Layout } from "./layout.ts";
import { openLog } from "./log-file.ts";
import type { MagfaAccount } from "./magfa-account.ts";
import { startNode } from "./node-process.ts";
import type { ServiceRow, WorkerRow } from "./services.ts";
import type { Part } from "./supervise.ts";

/** What the processes of a stack have in common. */
export type Surroundings = {
  readonly layout: Layout;
  readonly databases: Readonly<Record<string, string>>;
  readonly nats: string;
  readonly magfa: MagfaAccount;
  readonly banks: BankAccounts;
  /** What the environment of the start says to single services, by the names of the settings. */
  readonly settings: Readonly<Record<string, string>>;
  /** Added to the environment of every process, such as LOG_LEVEL. */
  readonly env: Readonly<Record<string, string>>;
};

/** A service as a part that can be kept running. */
export function servicePart({ name, settings }: ServiceRow, around: Surroundings): Part {
  const { layout, env, banks } = around;
  const port = (what: string) => String(layout.ports.get(`${name} ${what}`));
  const own = {
    ...commonOf(name, name, around),
    MIZAN_PEERS: listOf(layout.grpc),
    MIZAN_DRAIN_WAIT_MS: "0", // no balancer has to notice first
    MIZAN_ADMIN_FILE: adminFile(layout.home),
    HOST: "127.0.0.1",
    GRPC_PORT: port("gRPC"),
    HTTP_PORT: port("HTTP"),
    ...(name === "settlement" && banks.customer),
    ...Object.fromEntries(
      Object.entries(around.settings).filter(([setting]) => settings.includes(setting)),
    ),
    ...env,
  };
  return nodePart(name, layout, { script: `services/${name}/main.ts`, env: own });
}

/** A worker as a part that can be kept running. */
export function workerPart({ name, service, env: told }: WorkerRow, around: Surroundings): Part {
  const own = { ...commonOf(name, service, around), ...told, ...around.env };
  return nodePart(name, around.layout, { script: `services/${service}/worker.ts`, env: own });
}

/** The router as a part that can be kept running. */
export function routerPart({ layout, env }: Surroundings): Part {
  const own = {
    HOST: "127.0.0.1",
    ROUTER_PORT: String(layout.ports.get("router")),
    ROUTER_SERVICES: listOf(layout.http),
    ...env,
  };
  return nodePart("router", layout, { script: "scripts/router.ts", env: own });
}

/** The simulated providers as a part that can be kept running. */
export function simulatorsPart({ layout, magfa, banks, env }: Surroundings): Part {
  const own = {
    HOST: "127.0.0.1",
    PORT: String(layout.ports.get("simulators")),
    ...magfa.provider,
    ...banks.provider,
    ...env,
  };
  return nodePart("simulators", layout, { script: "simulators/main.ts", env: own });
}

/** What every process that works on the database of a service is told. */
function commonOf(
  name: string,
  service: string,
  { layout, databases, nats, magfa }: Surroundings,
): Record<string, string> {
  return {
    MIZAN_PROFILE: "development",
    MIZAN_CERTS: layout.certs,
    DATABASE_URL: databases[service]!,
    NATS_URL: nats,
    ADMIN_PORT: String(layout.ports.get(`${name} admin`)),
    ...(service === "sms" && magfa.customer),
  };
}

/** A script of ours as a part; its log starts anew with the stack, but goes on after a crash. */
function nodePart(
  name: string,
  layout: Layout,
  { script, env }: { script: string; env: Record<string, string> },
): Part {
  let fresh = true;
  const open = () => {
    const log = openLog(layout.logOf(name), fresh);
    fresh = false;
    return log;
  };
  return { name, start: () => startNode({ script, env, openLog: open }) };
}

/** Addresses by name as the environment holds them. */
function listOf(addresses: Readonly<Record<string, string>>): string {
  return Object.entries(addresses)
    .map(([name, address]) => `${name}=${address}`)
    .join(",");
}
