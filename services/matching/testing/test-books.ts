import type { Hold, HoldRelease } from "#gen/mizan/billing/v1/hold_pb.ts";
import { bytesOf, hexOf } from "#mesh/ids.ts";
import { fromMinor, toMinor } from "#mesh/money.ts";
import { inOrdersOf } from "../funds/in-orders.ts";

/** A hold as it was made, or an extra one. */
type MadeHold = {
  readonly holdId: string;
  readonly ownerId: string;
  readonly amount: { readonly asset: string; readonly amount: string };
  readonly step: number;
  readonly atMs: number;
};

/** What became of a call: why it was refused, and whether it was known already. */
type Done = { readonly reason?: string; readonly before: boolean };

type Purse = { readonly ownerId: string; readonly asset: string };

/** Money of owners, free and behind orders, in minor units. */
type State = {
  readonly free: Map<string, bigint>;
  readonly held: Map<string, bigint>;
  readonly made: MadeHold[];
  readonly refused: Map<string, string>;
  readonly released: Map<string, string>;
  readonly scales: Map<string, number>;
  readonly nowMs: () => number;
};

/** The rules of the ledger for holds of orders, of assets that a test has charged. */
export function testBooks(nowMs: () => number) {
  const state: State = {
    free: new Map(),
    held: new Map(),
    made: [],
    refused: new Map(),
    released: new Map(),
    scales: new Map(),
    nowMs,
  };
  const { free, held, scales } = state;
  return {
    hold: (one: Hold) => makeHold(state, one),
    release: (one: HoldRelease) => makeRelease(state, one),
    made: state.made as readonly MadeHold[],
    /** The amounts of the releases that were made, by the UUID of the hold and the step. */
    released: state.released as ReadonlyMap<string, string>,
    /** Puts money on the account of an owner, of an asset with so many decimals. */
    charge: (purse: Purse, scale: number, minor: bigint) => {
      scales.set(purse.asset, scale);
      add(free, purse, minor);
    },
    /** Adds to what is behind orders, or takes from it, as if by mistake. */
    disturb: (purse: Purse, minor: bigint) => add(held, purse, minor),
    free: (purse: Purse) => free.get(keyOf(purse)) ?? 0n,
    held: (purse: Purse) => held.get(keyOf(purse)) ?? 0n,
    /** What is behind orders, as LedgerService tells it. */
    account: (id: string) => accountOf(state, id),
  };
}

function keyOf({ ownerId, asset }: Purse): string {
  return `${hexOf(ownerId)}/${asset}`;
}

function add(to: Map<string, bigint>, purse: Purse, minor: bigint): void {
  to.set(keyOf(purse), (to.get(keyOf(purse)) ?? 0n) + minor);
}

function find({ made }: State, holdId: string, step: number): MadeHold | undefined {
  return made.find((one) => one.holdId === holdId && one.step === step);
}

function makeHold(state: State, { holdId, ownerId, amount, step }: Hold): Done {
  const { free, held, made, refused, scales } = state;
  const known = find(state, holdId, step);
  const { asset, amount: decimal } = amount!;
  if (known !== undefined) {
    const isSame = known.ownerId === ownerId && known.amount.amount === decimal;
    return isSame ? { before: true } : { reason: "HOLD_ID_REUSED", before: true };
  }
  const id = `${holdId}/${step}`;
  const before = refused.get(id);
  if (before !== undefined) return { reason: before, before: true };
  if (step > 0 && !find(state, holdId, 0)) return { reason: "HOLD_NOT_FOUND", before: false };
  const purse = { ownerId, asset };
  const minor = toMinor(decimal, scales.get(asset)!);
  if ((free.get(keyOf(purse)) ?? 0n) < minor) {
    refused.set(id, "INSUFFICIENT_FUNDS"); // for ever (TRF-8)
    return { reason: "INSUFFICIENT_FUNDS", before: false };
  }
  add(free, purse, -minor);
  add(held, purse, minor);
  made.push({ holdId, ownerId, amount: { asset, amount: decimal }, step, atMs: state.nowMs() });
  return { before: false };
}

function makeRelease(state: State, { holdId, amount, step }: HoldRelease): Done {
  const { free, held, refused, released, scales } = state;
  const of = find(state, holdId, 0);
  if (of === undefined) {
    refused.set(`${holdId}/0`, "HOLD_ALREADY_RELEASED");
    return { reason: "HOLD_NOT_FOUND", before: false };
  }
  const { asset, amount: decimal } = amount!;
  const known = released.get(`${holdId}/${step}`);
  if (known === decimal) return { before: true };
  if (known !== undefined) return { reason: "HOLD_AMOUNT_DIFFERS", before: true };
  const purse = { ownerId: of.ownerId, asset };
  const minor = toMinor(decimal, scales.get(asset)!);
  if ((held.get(keyOf(purse)) ?? 0n) < minor) return { reason: "HOLD_EXCEEDED", before: false };
  released.set(`${holdId}/${step}`, decimal);
  add(held, purse, -minor);
  add(free, purse, minor);
  return { before: false };
}

function accountOf({ held, scales }: State, id: string) {
  for (const [key, minor] of held) {
    const [owner, asset] = key.split("/") as [string, string];
    if (inOrdersOf(owner, asset) !== id) continue;
    const creditsPosted = fromMinor(minor, scales.get(asset)!);
    return { id: bytesOf(id), asset, creditsPosted, debitsPosted: "0" };
  }
  return undefined;
}
