import type { Received, ReceivedQuery } from "../../simulators/bank/received.ts";
import type { Change } from "../../simulators/bank/settings.ts";
import { askControl } from "./ask-control.ts";
import type { DevFile } from "./dev-file.ts";
import type { simulatedBanks } from "./services.ts";

/** Reaches a simulated bank of a stack; each call rejects with a sentence when it is refused. */
export function bankControl(
  { simulators }: Pick<DevFile, "simulators">,
  name: (typeof simulatedBanks)[number]["name"] = "bank",
) {
  const ask = askControl(`${simulators[name]}`);
  return {
    /** Changes what the script says of that; the rest stays. */
    change: async (change: Change) => void (await ask("", "PATCH", change)),
    /** Forgets the script: everything is paid at once again, and its port is open. */
    reset: async () => void (await ask("", "DELETE")),
    /** What it truly did: with one reference, account or description, or the last so many. */
    received: async (query: ReceivedQuery = {}) => {
      const named = Object.entries(query).map(([key, value]) => [key, String(value)]);
      const text = await ask(`/received?${new URLSearchParams(named).toString()}`);
      return JSON.parse(text) as Received;
    },
    /** Its statement of a day in UTC, such as "2026-01-31", as ImportStatement takes it. */
    statement: async (date: string = new Date().toISOString().slice(0, 10)) =>
      ask(`/statement?date=${date}`),
  };
}
