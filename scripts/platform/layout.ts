import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Credentials, DevFile } from "./dev-file.ts";
import { portsOf } from "./ports.ts";
import { services, simulatedBanks, workers } from "./services.ts";

/** Where everything of a stack is: its folders, ports and addresses. */
export type Layout = ReturnType<typeof layoutOf>;

/** Lays a stack out in a home, with all ports moved by the offset. */
export function layoutOf(home: string, offset: number) {
  const ports = portsOf(offset);
  const addresses = (what: string, rows: readonly { readonly name: string }[] = services) =>
    Object.fromEntries(rows.map(({ name }) => [name, `127.0.0.1:${ports.get(`${name} ${what}`)}`]));
  const simulators = `127.0.0.1:${ports.get("simulators")}`;
  const metrics = addresses("admin", [...services, ...workers]);
  return {
    home,
    offset,
    ports,
    certs: join(home, "certs"),
    postgres: join(home, "postgres"),
    nats: join(home, "nats"),
    simulated: join(home, "simulators"),
    logOf: (name: string) => join(home, serversOwn.get(name) ?? "logs", `${name}.log`),
    origin: `http://127.0.0.1:${ports.get("router")}`,
    grpc: addresses("gRPC"),
    http: addresses("HTTP"),
    metrics,
    simulators: Object.fromEntries(
      ["magfa", ...simulatedBanks.map(({ name }) => name)].map((name) => [
        name,
        `http://${simulators}/${name}`,
      ]),
    ),
    /** Who says at `/readyz` whether it is ready. */
    readiness: { ...metrics, simulators },
  };
}

/** Makes the folders of a stack; with `fresh` all but installed programs is wiped before. */
export function prepareFolders(layout: Layout, fresh: boolean): void {
  if (fresh) {
    for (const name of readdirSync(layout.home)) {
      if (kept.has(name)) continue;
      rmSync(join(layout.home, name), { recursive: true, force: true });
    }
  }
  for (const folder of [join(layout.home, "logs"), layout.nats, layout.simulated]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
}

/** The content of dev.json for a stack. */
export function describe(
  layout: Layout,
  parts: Pick<DevFile, "databases" | "nats" | "pids"> & { readonly admin: Credentials },
): DevFile {
  const { origin, grpc, http, metrics, simulators, certs } = layout;
  const { admin, databases, nats, pids } = parts;
  return { origin, admin, grpc, http, metrics, simulators, certs, databases, nats, pids };
}

/** The servers of others keep their logs in their own folders. */
const serversOwn = new Map([
  ["postgres", "postgres"],
  ["nats", "nats"],
]);

const kept = new Set(["bin", "start.pid"]);
