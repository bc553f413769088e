import { type Connection, openConnection } from "#mesh/database/connection.ts";
import {
  accountIds,
  AMOUNT_MINOR,
  drawPair,
  FUNDS_MINOR,
  hotId,
  type Mix,
  randomId,
} from "./chart.ts";

/** The baseline: a function of the database that locks rows, called over some connections. */
export type RowLock = AsyncDisposable & {
  readonly connections: number;
  /** Makes a transfer in a transaction of its own; returns 1. */
  readonly transfer: (mix: Mix) => Promise<number>;
  /** How many transfers were acknowledged. */
  readonly acknowledged: () => number;
};

/** Connects to the baseline and gives every account money to spend. */
export async function openRowLock(url: string): Promise<RowLock> {
  await using opened = new AsyncDisposableStack();
  const free: Connection[] = [];
  for (let count = 0; count < CONNECTIONS; count += 1) {
    free.push(opened.use(await openConnection({ url, name: "row lock" })));
  }
  const ids = `{${[hotId, ...accountIds].join()}}`;
  const fund = "insert into row_lock.account (id, credits) select unnest($1::uuid[]), $2";
  await free[0]!.query(fund, [ids, FUNDS_MINOR]);
  let acknowledged = 0;
  const transfer = async (mix: Mix) => {
    const connection = free.pop()!; // no more calls than connections are made at a time
    const { debitAccountId, creditAccountId } = drawPair(mix);
    const [row] = await connection.query<{ done: boolean }>(call, [
      randomId(),
      debitAccountId,
      creditAccountId,
      AMOUNT_MINOR,
    ]);
    free.push(connection);
    if (row?.done !== true) throw new Error("a transfer of the baseline was refused");
    acknowledged += 1;
    return 1;
  };
  const resources = opened.move();
  const close = async () => resources.disposeAsync();
  const counted = { connections: CONNECTIONS, transfer, acknowledged: () => acknowledged };
  return { ...counted, [Symbol.asyncDispose]: close };
}

const CONNECTIONS = 8;
const call = "select row_lock.transfer($1, $2, $3, $4) as done";
