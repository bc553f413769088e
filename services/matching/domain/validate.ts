import { strict as assert } from "node:assert";
import type { Shard } from "./shard.ts";

export function validate(shard: Shard): void {
  assert(shard.ids.count >= 0);
}
