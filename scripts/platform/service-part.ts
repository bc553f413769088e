import { adminFile } from "./admin-file.ts";
import type { Layout } from "./layout.ts";
import { openLog } from "./log-file.ts";
import { startNode } from "./node-process.ts";
import type { Part } from "./supervise.ts";

/** What the services of a stack have in common. */
export type Surroundings = {
  readonly layout: Layout;
  readonly databases: Readonly<Record<string, string>>;
  readonly nats: string;
  /** Added to the environment of every service, such as LOG_LEVEL. */
  readonly env: Readonly<Record<string, string>>;
};

/** A service as a part that can be kept running. */
export function servicePart(name: string, around: Surroundings): Part {
  const { layout, databases, nats, env } = around;
  const script = `services/${name}/main.ts`;
  const port = (what: string) => String(layout.ports.get(`${name} ${what}`));
  const own = {
    MIZAN_PROFILE: "development",
    MIZAN_CERTS: layout.certs,
    MIZAN_PEERS: listOf(layout.grpc),
    MIZAN_DRAIN_WAIT_MS: "0", // no balancer has to notice first
    MIZAN_ADMIN_FILE: adminFile(layout.home),
    DATABASE_URL: databases[name]!,
    NATS_URL: nats,
    HOST: "127.0.0.1",
    GRPC_PORT: port("gRPC"),
    HTTP_PORT: port("HTTP"),
    ADMIN_PORT: port("admin"),
    ...env,
  };
  return nodePart(name, layout, { script, env: own });
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
