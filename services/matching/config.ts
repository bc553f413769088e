import * as kinds from "#mesh/setting-kinds.ts";
import { setting } from "#mesh/settings.ts";

/** The settings of matching beside those of every service. */
export const settings = {
  orphanHoldsS: setting(
    ["ORPHAN_HOLDS_S", "how old a hold without an order is before it is given up, in seconds"],
    kinds.integer(1, 3600),
    60,
  ),
  snapshotBatches: setting(
    ["SNAPSHOT_BATCHES", "after how many batches memory is written down"],
    kinds.integer(1, 1_000_000_000),
    50_000,
  ),
  snapshotMinutes: setting(
    ["SNAPSHOT_MINUTES", "after how many minutes memory is written down, if there were batches"],
    kinds.integer(1, 1440),
    10,
  ),
  journalKeepDays: setting(
    ["JOURNAL_KEEP_DAYS", "for how many days batches stay that no snapshot needs; 0 is for ever"],
    kinds.integer(0, 36_500),
    0,
  ),
};
