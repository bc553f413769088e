import { setTimeout as delay } from "node:timers/promises";
import type { DevFile } from "../../scripts/platform/dev-file.ts";
import { readCore } from "./read-core.ts";
import { readDeadLetters } from "./read-dead-letters.ts";
import { readLedger } from "./read-ledger.ts";
import type { Snapshot } from "./snapshot.ts";

/** Reads the databases of a quiet stack once its events have arrived, or when they are overdue. */
export async function readSnapshot(
  { databases }: Pick<DevFile, "databases">,
  withinMs: number,
): Promise<Snapshot> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const ledger = await readLedger(databases["billing"]!);
    const core = await readCore(databases["core"]!);
    const effects = [...ledger.effects, ...core.effects];
    const due = effects.filter(({ told }) => told !== undefined).length;
    if (core.notifications.length >= due || performance.now() > endMs) {
      const deadLetters = await Promise.all(Object.values(databases).map(readDeadLetters));
      const { notifications } = core;
      return { ...ledger, effects, notifications, deadLetters: deadLetters.flat() };
    }
    await delay(250);
  }
}
