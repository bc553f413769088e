import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { MoneySchema } from "#gen/mizan/type/v1/money_pb.ts";
import { hexFromBytes } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Assets } from "../domain/asset.ts";
import { fail } from "../errors.ts";

/** Reads an id of 16 bytes, or of none, which is that of nothing. Throws INVALID_ID. */
export function fromIdBytes(bytes: Uint8Array, field: string): string {
  if (bytes.length !== 0 && bytes.length !== 16) throw fail("INVALID_ID", { field });
  return hexFromBytes(bytes);
}

/** Reads a text as it can be stored: without what no text of PostgreSQL can hold. */
export function fromText(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}

/** Writes an amount of a ledger. */
export function toMoney(assets: Assets, ledger: number, amountMinor: bigint) {
  const { code, scale } = assets.ofLedger(ledger);
  const money = { asset: code, amount: fromMinor(amountMinor, scale) };
  return money satisfies MessageInitShape<typeof MoneySchema>;
}

/** Writes microseconds since 1970. */
export function toTime(atUs: number) {
  const seconds = Math.floor(atUs / 1_000_000);
  return { seconds: BigInt(seconds), nanos: (atUs - seconds * 1_000_000) * 1000 };
}

/**
 * Reads a bound of time as microseconds since 1970; undefined for none. Parts of one round up, so
 * that from such a time on, and before it, mean the same as with all its parts.
 */
export function fromTime(time: Timestamp | undefined): number | undefined {
  return time && toUs(time, Math.ceil(time.nanos / 1000));
}

/** Reads a moment as microseconds since 1970; parts of one don't count. */
export function fromMoment(time: Timestamp): number {
  return toUs(time, Math.floor(time.nanos / 1000));
}

function toUs({ seconds }: Timestamp, partUs: number): number {
  const atUs = Number(seconds) * 1_000_000 + partUs;
  return Math.min(Math.max(atUs, 0), Number.MAX_SAFE_INTEGER); // nothing is older, or later
}
