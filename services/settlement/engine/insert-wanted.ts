import { boundedMap } from "#mesh/bounded-map.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { committed } from "#mesh/events/outbox.ts";
import { MAX_KNOWN_BENEFICIARIES } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import { checkPayout, type Known } from "../domain/check-payout.ts";
import { payoutAlarms, payoutsChanged } from "../events.ts";
import { lockMerchants, noteBeneficiaries } from "../store/beneficiaries.ts";
import { insertPayouts, type Inserted, type NewRow } from "../store/insert-payouts.ts";
import { sumPaid } from "../store/paid-sums.ts";
import { findPayouts } from "../store/read-payouts.ts";
import type { Tx } from "../store/tables.ts";
import type { Lane } from "./lane.ts";
import { sending, stamped, stopped, targetOf, type Wanted } from "./new-payout.ts";
import { isUnlimited, mostOfDay, type Routing, startRouting } from "./routing.ts";

/** What it takes to store payouts. */
export type Means = Pick<Settlement, "db" | "terms"> & {
  readonly lanes: ReadonlyMap<string, Lane>;
  /** The beneficiaries that are past their cool-down: they stay so. */
  readonly usable: ReturnType<typeof boundedMap<string, true>>;
};

/** Makes means that remember nothing yet. */
export function newMeans(
  { db, terms }: Pick<Settlement, "db" | "terms">,
  lanes: ReadonlyMap<string, Lane>,
): Means {
  return { db, terms, lanes, usable: boundedMap(MAX_KNOWN_BENEFICIARIES) };
}

/** Stores new payouts: in a single statement when nothing has to be looked up or told. */
export async function insertWanted(means: Means, wanted: readonly Wanted[]): Promise<Stored> {
  const { db, terms, lanes, usable } = means;
  const { dayMinor, monthMinor } = terms.limits;
  const isKnown = wanted.every((one) => usable.get(beneficiaryKey(one)) === true);
  const isSimple = dayMinor === undefined && monthMinor === undefined && isUnlimited(lanes);
  if (isKnown && isSimple) {
    const rows = rowsOf(means, wanted, {
      sums: new Map(),
      fresh: new Set(),
      routing: await startRouting(lanes),
    });
    const isSilent = rows.every(({ payout }) => payout.stage === "SUBMITTING");
    if (isSilent) return { rows, inserted: await insertPayouts(db.sql, rows) };
  }
  const { fresh, ...stored } = await transaction(db, async (tx) =>
    insertChecked(means, tx, wanted),
  );
  committed();
  for (const key of fresh) usable.set(key, true);
  return stored;
}

/** What was to be stored, and which of it was. */
export type Stored = { readonly rows: readonly NewRow[]; readonly inserted: Inserted };

/** Stores new payouts after a look at what their merchants were paid, and where to. */
async function insertChecked(means: Means, tx: Tx, given: readonly Wanted[]) {
  const { terms, lanes, usable } = means;
  const { dayMinor, monthMinor } = terms.limits;
  const isLimited = dayMinor !== undefined || monthMinor !== undefined;
  if (isLimited)
    await lockMerchants(
      tx,
      given.map(({ merchantId }) => merchantId),
    );
  const stored = isLimited || !isUnlimited(lanes) ? await storedIds(tx, given) : new Set();
  const wanted = given.filter(({ id }) => !stored.has(id)); // what is there counts once
  const unknown = wanted.filter((one) => usable.get(beneficiaryKey(one)) !== true);
  if (!isLimited)
    await lockMerchants(
      tx,
      unknown.map(({ merchantId }) => merchantId),
    );
  const targets = unknown.map((one) => ({ ownerId: one.merchantId, account: targetOf(one) }));
  const noted = await noteBeneficiaries(tx, targets, terms.coolDownMs);
  const fresh = new Set(noted.map(({ ownerId, account }) => `${ownerId} ${account}`));
  const merchants = wanted.map(({ merchantId }) => merchantId);
  const sums = isLimited ? await sumPaid(tx, merchants) : new Map();
  const routing = await startRouting(lanes, tx);
  const rows = rowsOf(means, wanted, { sums, fresh, routing });
  const inserted = await insertPayouts(tx, rows);
  await routing.keep();
  await tell(tx, rows, inserted);
  return { rows, inserted, fresh };
}

async function storedIds(tx: Tx, wanted: readonly Wanted[]): Promise<ReadonlySet<string>> {
  const found = await findPayouts(
    tx,
    wanted.map(({ id }) => id),
  );
  return new Set(found.map(({ id }) => id));
}

type Facts = {
  readonly sums: ReadonlyMap<string, Pick<Known, "dayMinor" | "monthMinor">>;
  /** The beneficiaries that have become usable. */
  readonly fresh: ReadonlySet<string>;
  readonly routing: Routing;
};

/** Checks payouts one after the other; each counts for those of its merchant that follow (PAY-7). */
function rowsOf(
  { terms, usable, lanes }: Means,
  wanted: readonly Wanted[],
  { sums, fresh, routing }: Facts,
): NewRow[] {
  const paid = new Map(sums);
  const limits = { ...terms.limits, bankMinor: mostOfDay(lanes) };
  return wanted.map((one) => {
    const sum = paid.get(one.merchantId) ?? { dayMinor: 0n, monthMinor: 0n };
    const key = beneficiaryKey(one);
    const isUsable = fresh.has(key) || usable.get(key) === true;
    const checked = checkPayout(one.amountMinor, limits, { ...sum, isUsable });
    const hash = one.hash;
    const payout = stopped(one, checked);
    if (payout.state === "FAILED") return { payout, hash, dueInMs: 0 };
    paid.set(one.merchantId, {
      dayMinor: sum.dayMinor + one.amountMinor,
      monthMinor: sum.monthMinor + one.amountMinor,
    });
    if (payout.stage === "APPROVAL") return { payout, hash, dueInMs: Infinity };
    const routed = routing.route(payout);
    if (routed.kind !== "SEND") return { payout, hash, dueInMs: 0 };
    const { leaseMs } = lanes.get(routed.provider)!;
    return { payout: sending(one, routed), hash, dueInMs: leaseMs };
  });
}

/** Tells of what does not go on by itself; the rest is told when it is known how it went. */
async function tell(tx: Tx, rows: readonly NewRow[], { ids, atMs }: Inserted): Promise<void> {
  const told = rows.filter(({ payout }) => ids.has(payout.id) && payout.stage !== "SUBMITTING");
  const payouts = told.map(({ payout }) => stamped(payout, atMs));
  await payoutsChanged(tx, payouts, atMs);
  const waiting = payouts.filter(({ stage }) => stage === "APPROVAL");
  const detail = "It waits for two administrators.";
  const kind = "APPROVAL_NEEDED";
  await payoutAlarms(
    tx,
    waiting.map(({ id }) => ({ kind, payoutId: id, provider: "", detail })),
  );
}

function beneficiaryKey(wanted: Wanted): string {
  return `${wanted.merchantId} ${targetOf(wanted)}`;
}
