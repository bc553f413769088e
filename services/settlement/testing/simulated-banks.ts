import { type OpenBank, startSimulators } from "../../../simulators/simulators.ts";
import type { BankProvider } from "../providers/bank.ts";
import { httpBank, type HttpBankOptions } from "../providers/http-bank.ts";

/** A simulated bank and our adapter for it. */
export type SimulatedBank = {
  readonly provider: BankProvider;
  /** The script and the memory of the simulator. */
  readonly bank: OpenBank["bank"];
  readonly options: HttpBankOptions;
};

type Options = {
  readonly timeoutMs?: number;
  readonly windowMs?: number;
  /** Where the banks call back; nowhere when it is not said. */
  readonly hookOrigin?: string;
};

/** Starts the two simulated banks on free ports, with an adapter for each. */
export async function simulatedBanks({ timeoutMs = 2000, windowMs = 0, hookOrigin }: Options = {}) {
  const names = ["bank", "bank-second"];
  const simulators = await startSimulators({
    host: "127.0.0.1",
    port: 0,
    magfa: { account: { username: "", domain: "", password: "" } },
    banks: names.map((name) => ({
      name,
      port: 0,
      key: `the-key-of-${name}`,
      hook:
        hookOrigin === undefined
          ? undefined
          : { url: `${hookOrigin}/hooks/bank/${name}`, secret: secretOf(name) },
    })),
  });
  const banks = simulators.banks.map(({ name, bank, port }): SimulatedBank => {
    const options: HttpBankOptions = {
      name,
      url: `http://127.0.0.1:${port}`,
      key: `the-key-of-${name}`,
      hookSecret: secretOf(name),
      hasStatements: true,
      windowMs,
      timeoutMs,
    };
    return { provider: httpBank(options), bank, options };
  });
  return {
    first: banks[0]!,
    second: banks[1]!,
    [Symbol.asyncDispose]: async () => simulators[Symbol.asyncDispose](),
  };
}

const secretOf = (name: string) => `a-secret-that-${name}-signs-with`;
