import type { Fee } from "../domain/command.ts";
import type { CommandLog } from "../domain/command-log.ts";
import { CommandRecord } from "../domain/command-record.ts";
import type { Engine } from "../domain/engine.ts";
import { toRecord } from "../domain/to-record.ts";

/** Gives numbers to owners and fee tiers, in batches that are not applied yet as well. */
export type Numbering = {
  /** The number of an owner's account; undefined while it has none. */
  find(owner: string): number | undefined;
  /** The number of an owner's account; a new one gets the next, by a command in the log. */
  account(owner: string, log: CommandLog): number;
  /** The number of the next account, which the caller makes known. */
  next(owner: string): number;
  tier(fees: { readonly maker: Fee; readonly taker: Fee }, log: CommandLog): number;
};

/** Goes on with the numbers of an engine; nobody else may give any. */
export function createNumbering(engine: Engine): Numbering {
  const accounts = new Map<string, number>();
  const tiers = new Map<string, number>();
  let accountCount = engine.accounts;
  let tierCount = engine.tiers;
  const find = (owner: string) => {
    const known = engine.accountOf(owner);
    if (known !== undefined) return known;
    return accounts.get(owner);
  };
  const next = (owner: string) => {
    if (engine.accounts === accountCount) accounts.clear(); // it knows them all by now
    accountCount += 1;
    accounts.set(owner, accountCount);
    return accountCount;
  };
  return {
    find,
    next,
    account(owner, log) {
      const known = find(owner);
      if (known !== undefined) return known;
      const account = next(owner);
      log.append(toRecord({ kind: "ACCOUNT", account, owner, group: account }, record));
      return account;
    },
    tier({ maker, taker }, log) {
      const known = engine.tierOf(maker, taker);
      if (known !== undefined) return known;
      const key = [maker.ppm, maker.perLot, taker.ppm, taker.perLot].join();
      const given = tiers.get(key);
      if (given !== undefined) return given;
      if (engine.tiers === tierCount) tiers.clear();
      tierCount += 1;
      tiers.set(key, tierCount);
      log.append(toRecord({ kind: "TIER", tier: tierCount, maker, taker }, record));
      return tierCount;
    },
  };
}

const record = new CommandRecord();
