import { COMMAND_KINDS, MARKET_STATES } from "./codes.ts";
import * as at from "./command-record.ts";
import type { AmendCommand, Command, NewOrder, OcoCommand, PlaceCommand } from "./command.ts";
import { rulesToNumbers, stpModesToBits } from "./rules.ts";
import { toTerms } from "./terms.ts";
import { writeAmount, writeHex } from "./words.ts";

/** Writes a command into a record, for `apply` or a log; what the record had is gone. */
export function toRecord(command: Command, record: at.CommandRecord): at.CommandRecord {
  const { words } = record;
  words.fill(0);
  record.used = words.length;
  words[at.KIND] = COMMAND_KINDS.indexOf(command.kind);
  if ("market" in command) words[at.MARKET] = command.market;
  if ("account" in command) words[at.ACCOUNT] = command.account;
  if ("session" in command) words[at.SESSION] = command.session;
  writeRest(command, record);
  return record;
}

function writeRest(command: Command, record: at.CommandRecord): void {
  const { words, reals } = record;
  switch (command.kind) {
    case "ACCOUNT":
      writeHex(words, at.ORDER, command.owner);
      words[at.GROUP] = command.group;
      return;
    case "TIER":
      words.set([command.maker.ppm, command.taker.ppm], at.PRICE);
      words[at.TIER] = command.tier;
      reals.set([command.maker.perLot, command.taker.perLot], at.PER_LOT);
      return;
    case "MARKET":
      words[at.PRICE] = stpModesToBits(command.rules);
      reals.set(rulesToNumbers(command.rules), at.RULES);
      return;
    case "STATE":
      words[at.STATE] = MARKET_STATES.indexOf(command.state);
      return;
    case "REDUCE":
      reals[at.LOTS] = command.lots;
      writeHex(words, at.ORDER, command.order);
      return;
    case "CANCEL":
      writeHex(words, at.ORDER, command.order);
      return;
    case "AMEND":
      writeAmend(command, record);
      return;
    case "PLACE":
      writePlaced(command, record);
      return;
    case "REPLACE":
      writePlaced(command, record);
      writeHex(words, at.REPLACED, command.replaced);
      return;
    case "OCO":
      writeOco(command, record);
  }
}

function writeAmend(command: AmendCommand, { words, reals }: at.CommandRecord): void {
  writeHex(words, at.ORDER, command.order);
  words[at.PRICE] = command.price;
  words[at.RESERVE] = command.reservePrice;
  words[at.STOP_PRICE] = command.stopPrice;
  words[at.HOLD_STEP] = command.holdStep;
  writeAmount(words, at.EXTRA_HOLD, command.extraHold);
  reals[at.LOTS] = command.lots;
}

function writePlaced(command: Omit<PlaceCommand, "kind">, record: at.CommandRecord): void {
  writeOrder(command, record, 0);
  record.reals[at.POSITION] = command.positionLots;
}

function writeOco(command: OcoCommand, record: at.CommandRecord): void {
  writeOrder(command.limit, record, 0);
  writeOrder(command.stop, record, at.LEG_WORDS);
  record.reals[at.POSITION] = command.positionLots;
}

function writeOrder(order: NewOrder, { words, reals }: at.CommandRecord, leg: number): void {
  writeHex(words, leg + at.ORDER, order.order);
  words[leg + at.PRICE] = order.price;
  words[leg + at.RESERVE] = order.reservePrice;
  words[leg + at.TERMS] = toTerms(order);
  words[leg + at.TIER] = order.tier;
  words[leg + at.STOP_PRICE] = order.stopPrice;
  writeHex(words, leg + at.KEY, order.clientKey);
  writeAmount(words, leg + at.QUOTE, order.quoteMinor);
  reals[leg / 2 + at.LOTS] = order.lots;
  reals[leg / 2 + at.EXPIRE_MS] = order.expireMs;
  reals[leg / 2 + at.VISIBLE] = order.visibleLots;
  reals[leg / 2 + at.LIMIT_UNITS] = order.limitUnits;
}
