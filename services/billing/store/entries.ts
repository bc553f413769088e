import type { Database } from "#mesh/database/connect.ts";
import { hexOf } from "#mesh/ids.ts";
import { balanceOf, type Entry, type EntrySide, typesOfKinds } from "../domain/wallet.ts";
import { type EntryRow, type EntrySearch, findEntryRows, findLastSeenUs } from "./entry-rows.ts";
import { nearFirst } from "./near-first.ts";
import type { OwnSlots } from "./own-slots.ts";
import type { Tables } from "./tables.ts";

/** What one look found. */
export type FoundEntries = {
  readonly entries: readonly Entry[];
  /**
   * Where the look ended before all was seen: the next one is of the times before it, or from it
   * on when the oldest come first. Undefined when all was seen, or enough was found.
   */
  readonly seenToUs: number | undefined;
};

/**
 * Finds what changed the balance of an owner's asset, over both accounts, with the balance after
 * each. A look goes through a bounded number of rows, so that a filter that hardly anything fits
 * does not read years.
 */
export async function findEntries(
  db: Database<Tables>,
  own: OwnSlots,
  search: EntrySearch,
): Promise<FoundEntries> {
  const whole = { ...search, fromUs: Math.max(search.fromUs, own.sinceUs) };
  const entries: Entry[] = [];
  for (const range of nearFirst(whole, search.isOldestFirst)) {
    const part = { ...whole, ...range, limit: search.limit - entries.length };
    const found = await look(db, own, part);
    entries.push(...found.entries);
    const isEnough = entries.length === search.limit;
    if (isEnough || found.seenToUs !== undefined) return { ...found, entries };
  }
  return { entries, seenToUs: undefined };
}

async function look(
  db: Database<Tables>,
  own: OwnSlots,
  search: EntrySearch,
): Promise<FoundEntries> {
  const rows = await findEntryRows(db, own, search);
  const entries = toEntries(own, rows, search.isOldestFirst === true);
  if (entries.length === search.limit) return { entries, seenToUs: undefined };
  const lastUs = await findLastSeenUs(db, own, search);
  if (lastUs === undefined) return { entries, seenToUs: undefined };
  // One entry may have two rows, of which only one was seen: it is seen again.
  const seenToUs = search.isOldestFirst === true ? lastUs : lastUs + 1;
  return { entries: entries.filter(({ atUs }) => atUs !== lastUs), seenToUs };
}

/** Reads entries in the order of the rows; each row says what has changed since the one before. */
function toEntries(own: OwnSlots, rows: readonly EntryRow[], isOldestFirst: boolean): Entry[] {
  let counters = noCounters;
  const oldestFirst = isOldestFirst ? rows : rows.toReversed();
  const entries = oldestFirst.map((row) => {
    counters = row.has_all ? allCounters(row) : { ...counters, ...changedCounters(own, row) };
    return toEntry(own, row, counters);
  });
  return isOldestFirst ? entries : entries.toReversed();
}

/** The counters of both accounts that make a balance. */
type OwnCounters = {
  readonly debitsPending: bigint;
  readonly debitsPosted: bigint;
  readonly creditsPosted: bigint;
  readonly ordersDebitsPosted: bigint;
  readonly ordersCreditsPosted: bigint;
};

const noCounters: OwnCounters = {
  debitsPending: 0n,
  debitsPosted: 0n,
  creditsPosted: 0n,
  ordersDebitsPosted: 0n,
  ordersCreditsPosted: 0n,
};

function allCounters(row: EntryRow): OwnCounters {
  return {
    debitsPending: row.debits_pending,
    debitsPosted: row.debits_posted,
    creditsPosted: row.credits_posted,
    ordersDebitsPosted: row.orders_debits_posted,
    ordersCreditsPosted: row.orders_credits_posted,
  };
}

function changedCounters({ available, inOrders }: OwnSlots, row: EntryRow): Partial<OwnCounters> {
  const { debit_slot: debit, credit_slot: credit } = row;
  return {
    ...(debit === available && {
      debitsPending: row.debit_pending_after,
      debitsPosted: row.debit_posted_after,
    }),
    ...(credit === available && { creditsPosted: row.credit_posted_after }),
    ...(debit === inOrders && { ordersDebitsPosted: row.debit_posted_after }),
    ...(credit === inOrders && { ordersCreditsPosted: row.credit_posted_after }),
  };
}

function toEntry(own: OwnSlots, row: EntryRow, counters: OwnCounters): Entry {
  const { ordersDebitsPosted, ordersCreditsPosted } = counters;
  const inOrders = { debitsPosted: ordersDebitsPosted, creditsPosted: ordersCreditsPosted };
  return {
    id: hexOf(row.id),
    type: row.type,
    side: sideOf(own, row),
    amountMinor: row.amount,
    balance: balanceOf(row.ledger, counters, { ...inOrders, debitsPending: 0n }),
    reference: row.reference,
    atUs: row.at_us,
  };
}

/** Only what moves money over the owner's border has a side. */
function sideOf({ available, inOrders }: OwnSlots, row: EntryRow): EntrySide {
  const isOwn = (slot: number) => slot === available || slot === inOrders;
  const [isDebit, isCredit] = [isOwn(row.debit_slot), isOwn(row.credit_slot)];
  if (typesOfKinds[row.kind] !== undefined || (isDebit && isCredit)) return "none";
  return isDebit ? "debit" : "credit";
}
