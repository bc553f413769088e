import { expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { READ_CHUNK_ROWS } from "#mesh/limits.ts";
import { emptyChain } from "../domain/chain.ts";
import { make, open, testBooks, testWriter, transferOf } from "../testing/test-ledger.ts";
import { isAccount, readChain } from "./read-chain.ts";

test("WR-9 an account that is opened while the chain is read far behind is in its place", async () => {
  await using db = await testBooks();
  await using writer = await testWriter(db.url);
  await using connection = await openConnection({ url: db.url, name: "test" });
  const transfers = (count: number) => Array.from({ length: count }, () => transferOf("a", "b"));
  await open(writer, "a", "b");
  for (let made = 0; made < 2 * READ_CHUNK_ROWS; made += 4000) {
    await make(writer, ...transfers(4000));
  }
  await open(writer, "waiting"); // it is later than two full chunks, and read with the first one
  await make(writer, ...transfers(1));
  const openLate = async () => {
    await open(writer, "late");
    await make(writer, transferOf("a", "late"), ...transfers(1));
  };

  /** Where the accounts are in the chain; something may be done after the first chunk. */
  const read = async (afterFirst?: () => Promise<void>) => {
    const lines: string[] = [];
    let then = afterFirst;
    for await (const next of readChain(connection, emptyChain)) {
      lines.push(...next.lines);
      if (next.endUs === undefined) continue;
      await then?.();
      then = undefined;
    }
    const accounts = [...lines.entries()].filter(([, line]) => isAccount(line));
    return { count: lines.length, accounts };
  };

  const meanwhile = await read(openLate);
  expect(meanwhile).toEqual(await read());
  expect(meanwhile.accounts.map(([at]) => at)).toEqual([
    0,
    1,
    2 * READ_CHUNK_ROWS + 2,
    2 * READ_CHUNK_ROWS + 4,
  ]);
});
