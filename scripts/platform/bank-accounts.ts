import { join } from "node:path";
import { writePrivately } from "#mesh/write-privately.ts";
import { ensureSecret } from "./ensure-secret.ts";
import type { Layout } from "./layout.ts";
import { simulatedBanks } from "./services.ts";

/** Our accounts at the simulated banks, as each side is told of them. */
export type BankAccounts = ReturnType<typeof ensureBankAccounts>;

/**
 * The accounts of a stack at its simulated banks, the first one tried first; a new home gets random
 * keys. The file of the banks is written anew, since a start may have other ports.
 */
export function ensureBankAccounts({ simulated, ports, origin }: Layout) {
  const accounts = simulatedBanks.map(({ name }) => ({
    name,
    port: String(ports.get(`simulated ${name}`)),
    key: ensureSecret(join(simulated, `${name}-key`)).text,
    hookSecret: ensureSecret(join(simulated, `${name}-hook-secret`)).text,
  }));
  const file = join(simulated, "banks.json");
  const banks = accounts.map(({ port, ...account }) => ({
    ...account,
    url: `http://127.0.0.1:${port}`,
    hasStatements: true,
    windowSeconds: 2, // a simulator that has said nothing by then never got the call
  }));
  writePrivately(file, `${JSON.stringify(banks, null, 2)}\n`);
  const told = accounts.map(({ name, port, key, hookSecret }) => {
    const prefix = name.toUpperCase().replaceAll("-", "_");
    return {
      [`${prefix}_PORT`]: port,
      [`${prefix}_KEY`]: key,
      [`${prefix}_HOOK_URL`]: `${origin}/hooks/bank/${name}`,
      [`${prefix}_HOOK_SECRET`]: hookSecret,
      [`${prefix}_STORE`]: join(simulated, `${name}.log`),
    };
  });
  return {
    /** What settlement is told. */
    customer: { SETTLEMENT_BANKS_FILE: file },
    /** What the simulator is told. */
    provider: Object.assign({}, ...told) as Readonly<Record<string, string>>,
  };
}
