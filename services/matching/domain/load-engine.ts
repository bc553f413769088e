import { load } from "./dump.ts";
import { engineOf } from "./engine-of.ts";
import type { Engine } from "./engine.ts";

/** Makes the engine that a dump was taken of; throws when the chunks are none. */
export function loadEngine(chunks: readonly Uint8Array[]): Engine {
  return engineOf(load(chunks));
}
