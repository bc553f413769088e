import type { Received } from "../../simulators/magfa/received.ts";
import type { Change } from "../../simulators/magfa/settings.ts";
import { askControl } from "./ask-control.ts";
import type { DevFile } from "./dev-file.ts";

/** The script and the memory of the simulated Magfa of a running stack. */
export type MagfaControl = ReturnType<typeof magfaControl>;

/** Reaches the simulated Magfa of a stack; each call rejects with a sentence when it is refused. */
export function magfaControl({ simulators }: Pick<DevFile, "simulators">) {
  const ask = askControl(`${simulators["magfa"]}`);
  return {
    /** Changes what the script says of that; the rest stays. */
    change: async (change: Change) => void (await ask("", "PATCH", change)),
    /** Forgets the script: everything is delivered at once again. */
    reset: async () => void (await ask("", "DELETE")),
    /** What it truly received: of one recipient, or the last so many texts. */
    received: async (query: { recipient?: string; limit?: number } = {}) => {
      const named = Object.entries(query).map(([name, value]) => [name, String(value)]);
      const text = await ask(`/received?${new URLSearchParams(named).toString()}`);
      return JSON.parse(text) as Received;
    },
  };
}
