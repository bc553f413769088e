import { MAX_LEFT_RELEASES } from "#mesh/limits.ts";
import { findReleases, type ReleaseKey } from "../store/releases.ts";
import type { FundsMeans } from "./means.ts";
import type { Releaser } from "./releaser.ts";

/**
 * Makes what looks for releases that are owed and not under way, such as those of a process that has
 * crashed: each look goes on where the last one has stopped.
 */
export function createLeftReleases(
  { db }: Pick<FundsMeans, "db">,
  releaser: Pick<Releaser, "sendLeft">,
): () => Promise<void> {
  let after: ReleaseKey | undefined;
  return async () => {
    const owed = await findReleases(db.sql, after, MAX_LEFT_RELEASES);
    after = owed.length === MAX_LEFT_RELEASES ? owed.at(-1) : undefined;
    releaser.sendLeft(owed);
  };
}
