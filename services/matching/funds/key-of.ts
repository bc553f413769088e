import type { ReleaseKey } from "../store/releases.ts";

/** Names a release in memory. */
export function keyOf({ hold, step }: ReleaseKey): string {
  return `${hold}/${step}`;
}
