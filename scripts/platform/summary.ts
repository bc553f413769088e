import { relative } from "node:path";
import { adminFile } from "./admin-file.ts";
import type { Stack } from "./boot.ts";
import type { DevFile } from "./dev-file.ts";
import { table } from "./table.ts";

/** What people want to know of a stack that is up: its addresses, its admin, a first command. */
export function summaryOf(stack: Stack, tookMs: number): string {
  const { origin, admin, certs, nats, databases, simulators } = stack.describe();
  const server = new URL(Object.values(databases)[0]!).host;
  return `
Mizan is ready after ${(tookMs / 1000).toFixed(1)} s. Ctrl-C stops it.

${addressesOf(stack.describe())}

  public origin   ${origin}
  documents       ${origin}/api/docs   ${origin}/api/redoc   ${origin}/api/schema
  PostgreSQL      ${server}   (addresses with passwords in ${near(`${stack.home}/dev.json`)})
  nats-server     ${nats}
  simulators      ${Object.values(simulators).join("   ")}   (scripts below /control)
  certificates    ${near(certs)}
  logs            ${near(`${stack.home}/logs`)}
  administrator   ${admin.username}, with the password in ${near(adminFile(stack.home))}

A first command to try:

  curl -s ${origin}/mizan.core.v1.UserService/RegisterUser \\
    -H 'content-type: application/json' \\
    -d '{"username":"ada-${Date.now().toString(36)}","password":"correct horse battery"}'

Then, in another terminal: npm run demo
`;
}

/** Where each process listens; a worker is called by nobody. */
function addressesOf({ grpc, http, metrics }: DevFile): string {
  const rows = Object.entries(metrics).map(([name, address]) => [
    name,
    grpc[name] ?? "",
    http[name] === undefined ? "" : `http://${http[name]}`,
    `http://${address}/metrics`,
  ]);
  return table(["process", "gRPC (mTLS)", "HTTP", "metrics"], rows);
}

/** A path as somebody in this folder would type it. */
function near(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}
