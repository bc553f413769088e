// npm run bench -- <name> [--json]: measures one part, on this machine, and prints what it compared.
import { parseArgs } from "node:util";
import { print, type Report, toJson } from "./report.ts";

/** Every bench by name; each is loaded when it is asked for. */
const benches: Record<string, () => Promise<{ bench: () => Promise<Report> }>> = {
  grpc: () => import("./grpc.ts"),
  ledger: () => import("./ledger.ts"),
  matching: () => import("./matching.ts"),
  orders: () => import("./orders.ts"),
  sms: () => import("./sms.ts"),
  withdrawals: () => import("./withdrawals.ts"),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } },
});
const load = benches[positionals[0] ?? ""];
if (load === undefined) {
  console.error(`Usage: npm run bench -- <${Object.keys(benches).join("|")}> [--json]`);
  process.exitCode = 2;
} else {
  const { bench } = await load();
  const report = await bench();
  print(report);
  if (values.json) console.log(toJson(report));
}
