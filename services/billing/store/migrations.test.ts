import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openConnection } from "#mesh/database/connection.ts";
import { migrate } from "#mesh/database/migrate.ts";
import { hexOf, ZERO_ID } from "#mesh/ids.ts";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import { TransferFlags } from "../domain/transfer.ts";
import { findFaults, make, testWriter, transferOf } from "../testing/test-ledger.ts";
import { ledgerFeed } from "../writer/feed.ts";
import { createCommits } from "../writer/commits.ts";
import { createAssets } from "../domain/asset.ts";
import { loadAssets } from "./assets.ts";
import type { Tables } from "./tables.ts";

const migrations = new URL("migrations/", import.meta.url);

/** Books as they were before the months: two holds of the last two months, the first one posted. */
const oldBooks = `
  insert into account
    select slot, 2 + 1, 1, md5(slot::text)::uuid, md5('owner')::uuid, 1, 100, 0,
      case slot when 1 then 7 else 0 end, case slot when 1 then 5 else 0 end,
      case slot when 2 then 7 else 0 end, case slot when 2 then 5 else 0 end
    from generate_series(1, 2) slot;
  insert into transfer
    select seq, ledger_now_us() + seq - (3 - seq) * 2678400000000, 1, 2, seq, seq, pending_seq,
      md5('t' || seq)::uuid, md5('data')::uuid, 1, 100, flags, 0, kind, amount, pending, posted,
      pending, posted
    from (values (1, null, 2, 2, 5, 5, 0), (2, 1, 4, 3, 5, 0, 5), (3, null, 2, 2, 7, 7, 5))
      old (seq, pending_seq, flags, kind, amount, pending, posted);
  insert into transfer_reference values (1, 'the first');
  insert into pending_open values (3);
  insert into ledger_commit select seq, seq, at_us from transfer;
  update ledger_shard set epoch = 4, last_seq = 3, last_at_us = (select max(at_us) from transfer)`;

test("P5 the books of before the months are all there, and go on", async () => {
  await using db = await testDatabase<Tables>();
  using folder = temporaryFolder();
  for (const name of ["0001_ledger", "0002_ledger_commit", "0003_refunds"]) {
    await copyFile(new URL(`${name}.sql`, migrations), join(folder.path, `${name}.sql`));
  }
  await migrate(db.url, [folder.path]);
  await using owner = await openConnection({ url: db.url, name: "test" });
  await owner.query(oldBooks);
  await migrate(db.url, [migrations]);
  expect(await findFaults(db)).toEqual([]);
  expect(await owner.query("select distinct tableoid from transfer")).toHaveLength(3);
  const assets = createAssets(await loadAssets(owner));
  const feed = ledgerFeed({ shard: 0, db, commits: createCommits(1), assets });
  expect((await feed.read(0, 9)).map(({ id }) => id)).toEqual(
    [1, 2, 3].map((n) => `ledger/0/${n}`),
  );
  await using writer = await testWriter(db.url);
  const ids = await owner.query<{ id: string }>("select id from transfer order by seq");
  const [first, , left] = ids.map(({ id }) => hexOf(id));
  const ending = { debitAccountId: ZERO_ID, creditAccountId: ZERO_ID, ledger: 0, code: 0 };
  const post = { ...ending, flags: TransferFlags.POST_PENDING, amount: 5n };
  const results = await make(
    writer,
    transferOf("a", "b", { id: first! }),
    transferOf("a", "b", { ...post, pendingId: first! }),
    transferOf("a", "b", { ...post, pendingId: left! }),
  );
  expect(results.map(({ status }) => status)).toEqual([
    "exists_with_different_flags",
    "pending_transfer_already_posted",
    "created",
  ]);
  expect(await findFaults(db)).toEqual([]);
  const [, , , last] = await feed.read(0, 9);
  expect(last!.id).toBe("ledger/0/5/4");
});
