import type { Hook } from "../pusher.ts";
import { createMemory, type Memory } from "./accepted.ts";
import { type Settings, usualSettings } from "./settings.ts";
import { openStore, type Store, type StoredText } from "./store.ts";

/** All that a simulated Magfa knows. */
export type State = {
  settings: Settings;
  memory: Memory;
  /** Until when it answers nothing but 503, by `performance.now()`. */
  awayUntilMs: number;
  calls: Calls;
  readonly store: Store | undefined;
  /** Magfa's id of the text with this number; ids don't repeat after a restart. */
  readonly midOf: (n: number) => string;
  readonly numberOf: (mid: string) => number;
};

/** What came in since the start, or since it was forgotten. */
export type Calls = {
  submits: number;
  lookups: number;
  polls: number;
  /** How many texts were refused, by Magfa's code. */
  readonly refused: Record<string, number>;
};

/** The counts of one that nobody has called. */
export function noCalls(): Calls {
  return { submits: 0, lookups: 0, polls: 0, refused: {} };
}

/** Opens what an earlier run has left, if there is a file; `due` are receipts that wait. */
export async function openState(
  path: string | undefined,
  hook: Hook | undefined,
): Promise<{ state: State; due: readonly StoredText[] }> {
  const due = new Map<number, StoredText>();
  // Beyond 2^53, as ids of 64 bits may be, and above those of any run that is long over.
  let base = BigInt(Date.now()) * 1_000_000n;
  let memory = createMemory(0);
  const settle = (n: number) => {
    memory.setStatus(n, due.get(n)?.status ?? 0);
    due.delete(n);
  };
  const restore = (numbers: { base: bigint; first: number }) => {
    base = numbers.base;
    memory = createMemory(numbers.first);
    const text = (stored: StoredText) => {
      memory.add({ ...stored, text: "" });
      if (stored.status > 0) due.set(stored.n, stored);
      else memory.setStatus(stored.n, stored.status);
    };
    return { text, settled: (settled: readonly number[]) => settled.forEach(settle) };
  };
  const store = path === undefined ? undefined : await openStore(path, { base, first: 0 }, restore);
  const state = {
    settings: usualSettings(hook),
    memory,
    awayUntilMs: 0,
    calls: noCalls(),
    store,
    midOf: (n: number) => String(base + BigInt(n)),
    numberOf: (mid: string) => Number(BigInt(mid) - base),
  };
  return { state, due: [...due.values()] };
}
