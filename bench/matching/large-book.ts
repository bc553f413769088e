import { loadEngine } from "../../services/matching/domain/load-engine.ts";
import { filled } from "./engine-run.ts";
import { bytesInUse } from "./garbage.ts";
import { type Logs, toLogs } from "./logs.ts";
import { recordTape } from "./tape.ts";

/** Draws the orders of a large book. */
export function drawLargeBook(orders: number): Logs {
  return toLogs(recordTape({ ...FLOW, orders }, 0));
}

/** Measures a large book: what an order takes, and how long copies do. */
export function measureLargeBook(logs: Logs): Record<string, number> {
  const before = bytesInUse();
  const engine = filled(logs);
  const bytes = bytesInUse() - before;
  const startMs = performance.now();
  const chunks = engine.dump();
  const dumpedMs = performance.now();
  const loaded = loadEngine(chunks);
  const loadedMs = performance.now();
  if (loaded.stateHash() !== engine.stateHash()) throw new Error("a copy is not what it is of");
  return {
    "memory of an order": bytes / engine.liveOrders,
    "copy of a large book": dumpedMs - startMs,
    "load of a large book": loadedMs - dumpedMs,
  };
}

const FLOW = { seed: 2, users: 1000, mix: "exchange-core", price: 1_000_000 } as const;
