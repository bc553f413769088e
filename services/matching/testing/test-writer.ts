import { systemClock } from "#mesh/clock.ts";
import type { Database } from "#mesh/database/connect.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import type { Command, NewOrder } from "../domain/command.ts";
import { createMarkets } from "../domain/markets.ts";
import type { Tables } from "../store/tables.ts";
import type { Outcome, Submission } from "../writer/submission.ts";
import { type RecordWriter, startWriter, type WriterOptions } from "../writer/writer.ts";
import { fees, listMarkets, testRules } from "./list-markets.ts";

/** Makes a database of matching, empty but for one market, or as many as named. */
export async function testExchange(
  symbols: readonly string[] = ["ABAN-IRR"],
): Promise<Database<Tables>> {
  const migrations = [new URL("../store/migrations/", import.meta.url)];
  const db = await testDatabase<Tables>({ migrations });
  await listMarkets(db, symbols);
  return db;
}

/** Starts a writer on a test's database at once. */
export async function testWriter(
  db: Database<Tables>,
  options: Partial<WriterOptions> = {},
): Promise<RecordWriter & { readonly log: ReturnType<typeof testLog> }> {
  const log = testLog();
  const usual = {
    db,
    shard: 0,
    owner: "test",
    when: "now" as const,
    clock: systemClock,
    markets: createMarkets([]),
    log,
  };
  const writer = await startWriter({ ...usual, ...options });
  return Object.assign(writer, { log });
}

/** The owner of a name, as 32 hex digits. */
export function ownerOf(name: string): string {
  return Buffer.from(name).toString("hex").padStart(32, "0");
}

/** An id of an order, by a number. */
export function orderId(number: number): string {
  return (BigInt(number + 1) * 0x9e37_79b9_7f4a_7c15n).toString(16).padStart(32, "0");
}

/** A command of somebody; the writer finds the numbers. */
export function by(name: string, command: Command, rest: Partial<Submission> = {}): Submission {
  return { command, owner: ownerOf(name), fees, ...rest };
}

/** Opens the first market. */
export async function openMarket(writer: RecordWriter, market = 1): Promise<void> {
  await writer.submit([
    { command: { kind: "MARKET", market, rules: testRules } },
    { command: { kind: "STATE", market, state: "TRADING" } },
  ]);
}

/** A limit order that stays, unless said otherwise: by its number, side, lots and price. */
export function limit(
  number: number,
  side: NewOrder["side"],
  [lots, price]: readonly [number, number],
  rest: Partial<NewOrder> = {},
): Command & { kind: "PLACE" } {
  return {
    kind: "PLACE",
    market: 1,
    account: 0,
    session: 0,
    positionLots: 0,
    order: orderId(number),
    side,
    type: "LIMIT",
    timeInForce: "GTC",
    price,
    lots,
    reservePrice: side === "BUY" ? price : 0,
    quoteMinor: 0n,
    limitUnits: 0,
    stopPrice: 0,
    isPostOnly: false,
    stp: "NONE",
    tier: 0,
    expireMs: 0,
    visibleLots: 0,
    clientKey: "",
    ...rest,
  };
}

/** Ends an order. */
export function cancel(number: number): Command {
  return { kind: "CANCEL", market: 1, account: 0, order: orderId(number) };
}

/** Submits one command and returns its outcome. */
export async function submit(writer: RecordWriter, submission: Submission): Promise<Outcome> {
  const [outcome] = await writer.submit([submission]);
  return outcome!;
}

/** All rows of a statement. */
export async function rowsOf<R extends object>(
  { url }: Database<Tables>,
  text: string,
): Promise<R[]> {
  await using connection = await openConnection({ url, name: "test" });
  return await connection.query<R>(text);
}
