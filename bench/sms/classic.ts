import { readFileSync } from "node:fs";
import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { newId } from "#mesh/ids.ts";
import { CUSTOMERS, FUNDS_MINOR } from "./customers.ts";
import { content, receiver } from "./texts.ts";

/** The baseline: one transaction a message in one database, over some connections. */
export type Classic = AsyncDisposable & {
  readonly connections: number;
  /** Takes a message of any customer, or of always the same one; returns 1. */
  readonly send: (of: "any" | "one") => Promise<number>;
};

/** Makes the tables of the baseline beside ours, in the same server. */
export async function openClassic(url: string): Promise<Classic> {
  await using opened = new AsyncDisposableStack();
  const free: Connection[] = [];
  for (let count = 0; count < CONNECTIONS; count += 1) {
    free.push(opened.use(await openConnection({ url, name: "classic" })));
  }
  await free[0]!.query(readFileSync(new URL("classic.sql", import.meta.url), "utf8"));
  const ids = Array.from({ length: CUSTOMERS }, newId);
  const fund = "insert into classic.customer select unnest($1::uuid[]), $2";
  await free[0]!.query(fund, [ids, FUNDS_MINOR]);
  const send = async (of: "any" | "one") => {
    const connection = free.pop()!; // no more calls than connections are made at a time
    const id = of === "one" ? ids[0] : ids[Math.floor(Math.random() * ids.length)];
    const values = [newId(), id, receiver(), content(), 100_000];
    const [row] = await connection.query<{ done: boolean }>(call, values);
    free.push(connection);
    if (row?.done !== true) throw new Error("a message of the baseline was refused");
    return 1;
  };
  const resources = opened.move();
  const close = async () => resources.disposeAsync();
  return { connections: CONNECTIONS, send, [Symbol.asyncDispose]: close };
}

const CONNECTIONS = 8;
const call = "select classic.send($1, $2, $3, $4, $5) as done";
