import { COMMAND_KINDS, MARKET_STATES } from "./codes.ts";
import * as at from "./command-record.ts";
import type { Command, NewOrder } from "./command.ts";
import { RULES_COUNT, rulesFromNumbers } from "./rules.ts";
import { fromTerms } from "./terms.ts";
import { readAmount, readHex } from "./words.ts";

/** Reads the command that a record stands for; `toRecord` the other way round. */
export function fromRecord(record: at.CommandRecord): Command {
  const { words, reals } = record;
  const kind = COMMAND_KINDS[words[at.KIND]!]!;
  const market = words[at.MARKET]!;
  const account = words[at.ACCOUNT]!;
  const order = readHex(words, at.ORDER, 4);
  const session = words[at.SESSION]!;
  switch (kind) {
    case "ACCOUNT":
      return { kind, account, owner: order, group: words[at.GROUP]! };
    case "TIER":
      return {
        kind,
        tier: words[at.TIER]!,
        maker: { ppm: words[at.PRICE]!, perLot: reals[at.PER_LOT]! },
        taker: { ppm: words[at.PRICE + 1]!, perLot: reals[at.PER_LOT + 1]! },
      };
    case "MARKET":
      return {
        kind,
        market,
        rules: rulesFromNumbers(reals.subarray(at.RULES, at.RULES + RULES_COUNT), words[at.PRICE]!),
      };
    case "STATE":
      return { kind, market, state: MARKET_STATES[words[at.STATE]!]! };
    case "CANCEL":
      return { kind, market, account, order };
    case "REDUCE":
      return { kind, market, account, order, lots: reals[at.LOTS]! };
    case "AMEND":
      return { kind, market, account, order, ...readAmend(record) };
    case "CANCEL_ALL":
      return { kind, market, account, session };
    case "EXPIRE":
      return { kind };
    default:
      return readPlaced(kind, record);
  }
}

function readPlaced(kind: "PLACE" | "REPLACE" | "OCO", record: at.CommandRecord): Command {
  const { words, reals } = record;
  const common = {
    market: words[at.MARKET]!,
    account: words[at.ACCOUNT]!,
    session: words[at.SESSION]!,
    positionLots: reals[at.POSITION]!,
  };
  const order = readOrder(record, 0);
  if (kind === "PLACE") return { kind, ...common, ...order };
  if (kind === "OCO") {
    return { kind, ...common, limit: order, stop: readOrder(record, at.LEG_WORDS) };
  }
  return { kind, ...common, ...order, replaced: readHex(words, at.REPLACED, 4) };
}

function readAmend({ words, reals }: at.CommandRecord) {
  return {
    price: words[at.PRICE]!,
    lots: reals[at.LOTS]!,
    reservePrice: words[at.RESERVE]!,
    stopPrice: words[at.STOP_PRICE]!,
    holdStep: words[at.HOLD_STEP]!,
    extraHold: readAmount(words, at.EXTRA_HOLD),
  };
}

function readOrder({ words, reals }: at.CommandRecord, leg: number): NewOrder {
  const key = leg + at.KEY;
  return {
    order: readHex(words, leg + at.ORDER, 4),
    ...fromTerms(words[leg + at.TERMS]!),
    price: words[leg + at.PRICE]!,
    lots: reals[leg / 2 + at.LOTS]!,
    reservePrice: words[leg + at.RESERVE]!,
    quoteMinor: readAmount(words, leg + at.QUOTE),
    limitUnits: reals[leg / 2 + at.LIMIT_UNITS]!,
    stopPrice: words[leg + at.STOP_PRICE]!,
    tier: words[leg + at.TIER]!,
    expireMs: reals[leg / 2 + at.EXPIRE_MS]!,
    visibleLots: reals[leg / 2 + at.VISIBLE]!,
    clientKey: (words[key]! | words[key + 1]!) === 0 ? "" : readHex(words, key, 2),
  };
}
