import { setTimeout as delay } from "node:timers/promises";
import type { DevFile } from "../../scripts/platform/dev-file.ts";
import { magfaControl } from "../../scripts/platform/magfa-control.ts";
import { readCore } from "./read-core.ts";
import { readDeadLetters } from "./read-dead-letters.ts";
import { readLedger } from "./read-ledger.ts";
import { readTexts } from "./read-texts.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Reads the databases of a stack without load, and what its provider received, once texts have
 * ended and events have arrived, or when they are overdue.
 */
export async function readSnapshot(
  dev: Pick<DevFile, "databases" | "simulators">,
  withinMs: number,
): Promise<Snapshot> {
  const { databases } = dev;
  const endMs = performance.now() + withinMs;
  for (;;) {
    const sms = await readTexts(databases["sms"]!);
    const ledger = await readLedger(databases["billing"]!, sms.payments);
    const core = await readCore(databases["core"]!);
    const effects = [...ledger.effects, ...core.effects, ...sms.effects];
    const due = effects.filter(({ told }) => told !== undefined).length;
    const isOver = sms.isQuiet && core.notifications.length >= due;
    if (isOver || performance.now() > endMs) {
      const deadLetters = await Promise.all(Object.values(databases).map(readDeadLetters));
      const { texts } = await magfaControl(dev).received({ limit: MAX_RECEIVED });
      const received = texts.flatMap(({ uid }) => uid ?? []);
      const { notifications } = core;
      const rest = {
        deadLetters: deadLetters.flat(),
        texts: sms.texts,
        received,
        refusals: sms.refusals,
      };
      return { ...ledger, effects, notifications, ...rest };
    }
    await delay(250);
  }
}

/** More than a run sends. */
const MAX_RECEIVED = 200_000;
