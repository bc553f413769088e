import { engineOf } from "./engine-of.ts";
import type { Engine } from "./engine.ts";
import { Shard } from "./shard.ts";

/** Makes an engine that knows nothing yet. */
export function createEngine(): Engine {
  return engineOf(new Shard());
}
