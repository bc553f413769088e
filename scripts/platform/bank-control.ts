import type { Received, ReceivedQuery, ReceivedTransfer } from "../../simulators/bank/received.ts";
import type { Change } from "../../simulators/bank/settings.ts";
import { askControl } from "./ask-control.ts";
import type { DevFile } from "./dev-file.ts";
import { simulatedBanks } from "./services.ts";

/** The scripts and the memories of the simulated banks of a running stack. */
export type BankControl = ReturnType<typeof bankControl>;

/** Reaches the simulated banks of a stack; each call rejects with a sentence when it is refused. */
export function bankControl({ simulators }: Pick<DevFile, "simulators">) {
  const names = simulatedBanks.map(({ name }) => name);
  const ask = async (name: string, ...call: Parameters<ReturnType<typeof askControl>>) =>
    askControl(`${simulators[name]}`)(...call);
  const received = async (name: string, query: ReceivedQuery = {}) => {
    const named = Object.entries(query).map(([key, value]) => [key, String(value)]);
    const text = await ask(name, `/received?${new URLSearchParams(named).toString()}`);
    return JSON.parse(text) as Received;
  };
  return {
    /** The banks, in the order in which settlement tries them. */
    names,
    /** Changes what the scripts of all banks, or of one, say of that; the rest stays. */
    change: async (change: Change, only?: string) => {
      for (const name of only === undefined ? names : [only]) await ask(name, "", "PATCH", change);
    },
    /** Forgets all scripts: everything is paid at once again, and every port is open. */
    reset: async () => {
      for (const name of names) await ask(name, "", "DELETE");
    },
    /** What one truly did: with one reference, account or description, or the last so many. */
    received,
    /** The payments of a withdrawal by the books of all banks, also those that came back. */
    paymentsOf: async (withdrawalId: string): Promise<readonly ReceivedTransfer[]> => {
      const found = await Promise.all(
        names.map(async (name) => (await received(name, { description: withdrawalId })).transfers),
      );
      return found.flat().filter(({ status }) => status !== "REJECTED" && status !== "FAILED");
    },
    /** A bank's statement of a day in UTC, such as "2026-01-31", as ImportStatement takes it. */
    statement: async (name: string, date: string): Promise<string> =>
      ask(name, `/statement?date=${date}`),
  };
}
