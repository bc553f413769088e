import type { Account, Id } from "./account.ts";
import { createIdGroups } from "./id-groups.ts";

/**
 * Accounts of the store in the order of their slots, a part of them, as columns. What has a fixed
 * size is in bytes, the first one the highest; counters are digits with commas in between.
 */
export type AccountColumns = {
  readonly count: number;
  /** 16 bytes each. */
  readonly ids: Uint8Array;
  readonly userDatas: Uint8Array;
  /** 8 bytes each. */
  readonly createdAtsUs: Uint8Array;
  readonly versions: Uint8Array;
  /** 4 bytes each. */
  readonly ledgers: Uint8Array;
  readonly codes: Uint8Array;
  readonly flags: Uint8Array;
  readonly debitsPending: string;
  readonly debitsPosted: string;
  readonly creditsPending: string;
  readonly creditsPosted: string;
};

/** The accounts that the store had; as objects they would take three times the room and the time. */
export type PackedAccounts = {
  /** They have the slots from 1 to this. */
  readonly count: number;
  /** The account of one of these slots, made anew each time. */
  read(slot: number): Account;
  /** The slot of an account, 0 when it is not among them. */
  slotOf(id: Id): number;
  /** The slots of an owner's accounts, in order. */
  slotsOf(userData: Id): number[];
};

/** Puts the parts together, and keeps none of them. All but the last one have the same count. */
export function packAccounts(parts: readonly AccountColumns[]): PackedAccounts {
  const [ids, userDatas] = [join(parts, "ids"), join(parts, "userDatas")];
  const [createdAtsUs, versions] = [viewOf(parts, "createdAtsUs"), viewOf(parts, "versions")];
  const [ledgers, codes] = [viewOf(parts, "ledgers"), viewOf(parts, "codes")];
  const flags = viewOf(parts, "flags");
  const [debitsPending, debitsPosted] = [
    packCounters(parts, "debitsPending"),
    packCounters(parts, "debitsPosted"),
  ];
  const [creditsPending, creditsPosted] = [
    packCounters(parts, "creditsPending"),
    packCounters(parts, "creditsPosted"),
  ];
  const [byId, byOwner] = [createIdGroups(ids), createIdGroups(userDatas)];
  return {
    count: ids.length / 16,
    read(slot) {
      const at = slot - 1;
      return {
        slot,
        id: ids.subarray(16 * at, 16 * slot).toHex(),
        ledger: ledgers.getInt32(4 * at),
        code: codes.getInt32(4 * at),
        userData: userDatas.subarray(16 * at, 16 * slot).toHex(),
        createdAtUs: Number(createdAtsUs.getBigInt64(8 * at)),
        flags: flags.getInt32(4 * at),
        debitsPending: debitsPending(at),
        debitsPosted: debitsPosted(at),
        creditsPending: creditsPending(at),
        creditsPosted: creditsPosted(at),
        version: Number(versions.getBigInt64(8 * at)),
      };
    },
    slotOf: (id) => byId.firstOf(id),
    slotsOf(userData) {
      const slots: number[] = [];
      for (let slot = byOwner.firstOf(userData); slot !== 0; slot = byOwner.nextOf(slot)) {
        slots.push(slot);
      }
      return slots;
    },
  };
}

type CounterColumn = "debitsPending" | "debitsPosted" | "creditsPending" | "creditsPosted";
type FixedColumn = Exclude<keyof AccountColumns, CounterColumn | "count">;

function join(parts: readonly AccountColumns[], column: FixedColumn): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part[column].length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part[column], at);
    at += part[column].length;
  }
  return whole;
}

function viewOf(parts: readonly AccountColumns[], column: FixedColumn): DataView {
  return new DataView(join(parts, column).buffer);
}

/** Reads a counter by its place, from 0. */
type Counters = (place: number) => bigint;

/** Keeps the digits as they came, and where each number begins in its text. */
function packCounters(parts: readonly AccountColumns[], column: CounterColumn): Counters {
  const texts: string[] = [];
  for (const part of parts) texts.push(part[column]); // no closure: it would keep the parts alive
  const starts = texts.map(startsOf);
  const perText = starts[0]?.length ?? 1;
  return (place) => {
    const at = Math.floor(place / perText);
    const from = starts[at]![place % perText]!;
    const next = starts[at]![(place % perText) + 1];
    return BigInt(texts[at]!.slice(from, next === undefined ? undefined : next - 1));
  };
}

function startsOf(text: string): Uint32Array {
  const starts: number[] = [0];
  for (let comma = text.indexOf(","); comma >= 0; comma = text.indexOf(",", comma + 1)) {
    starts.push(comma + 1);
  }
  return Uint32Array.from(starts);
}
