import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { ensureTokenKeys, readKeys } from "#mesh/token-keys.ts";
import { createSigner } from "#mesh/tokens.ts";
import type { ChainHead } from "../domain/chain.ts";
import { signChainHead } from "../operations/sign-chain-head.ts";
import { filledBooks, sealAll, tamper, transferMore } from "../testing/test-seal.ts";
import { verifyChain } from "./verify-chain.ts";

// Two sealed blocks, 1 to 12 and 13 to 20, with a signed head each. Every test takes back what it did.
const stack = new AsyncDisposableStack();
afterAll(async () => stack.disposeAsync());
const { db, superuser } = stack.use(await filledBooks());
const { path } = stack.use(temporaryFolder());
await ensureTokenKeys(path, ["billing", "core"]);
const { sign } = stack.use(createSigner(path, "billing"));
const keys = readKeys(join(path, "jwks.json"));
await sealAll(db.url);
const heads: ChainHead[] = [await signHead()];
await transferMore(db.url, 8);
await sealAll(db.url);
heads.push(await signHead());

async function signHead(): Promise<ChainHead> {
  const head = await signChainHead({ db, chain: { shard: 0, sign, keys: () => keys } });
  return head!;
}

const verify = async () => verifyChain({ connection: superuser, shard: 0, keys });

/** Does as only a superuser can, checks, and takes it back. */
async function tampered(statements: readonly string[], check: () => Promise<void>) {
  await superuser.query("begin");
  try {
    await tamper(superuser, ...statements);
    await check();
  } finally {
    await superuser.query("rollback");
  }
}

async function columnsOf(table: string, except: readonly string[] = []) {
  const columns = await superuser.query<{ name: string; type: string }>(
    `select column_name as name, data_type as type from information_schema.columns
      where table_schema = 'public' and table_name = $1`,
    [table],
  );
  return columns.filter(({ name }) => !except.includes(name));
}

/** Another value for a column, whatever it holds. */
function other({ name, type }: { readonly name: string; readonly type: string }): string {
  if (type === "uuid") return "gen_random_uuid()";
  if (type === "text") return `${name} || '!'`;
  if (type === "bytea") return `set_byte(${name}, 3, 255 - get_byte(${name}, 3))`;
  return `coalesce(${name}, 0) + 1`;
}

test("WR-9 a chain that nobody has touched is verified to its end", async () => {
  const verdict = await verify();
  expect(verdict).toMatchObject({ verifiedSeq: 20, firstBrokenSeq: 0, problem: "", unsealed: 0 });
  expect(verdict.signedHead).toEqual(heads[1]);
  expect(verdict.headHash).toBe(heads[1]!.hash);
});

// A column that is added later is tried too, and has to be in the chain.
const counters = ["debits_pending", "debits_posted", "credits_pending", "credits_posted"];
const columns = {
  transfer: await columnsOf("transfer"),
  account: await columnsOf("account", [...counters, "version"]),
  seal: await columnsOf("seal"),
  // A head of another shard is one that was taken away: for that there is the witness.
  head: await columnsOf("chain_head", ["shard"]),
};

describe("L19 a superuser changes", () => {
  test.each(columns.transfer)("$name of a sealed transfer", async (column) => {
    const value = column.name === "kind" ? "kind % 5 + 1" : other(column);
    await tampered([`update transfer set ${column.name} = ${value} where seq = 15`], async () => {
      expect(await verify()).toMatchObject({ verifiedSeq: 12, firstBrokenSeq: 15 });
    });
  });

  test.each(columns.account)(
    "$name of an account that is sealed before transfer 5",
    async (column) => {
      const value = column.name === "flags" ? "flags | 2" : other(column);
      const change = `update account set ${column.name} = ${value} where slot = 5`;
      await tampered([change], async () => {
        expect(await verify()).toMatchObject({ verifiedSeq: 0, firstBrokenSeq: 5 });
      });
    },
  );

  test.each<[string, number, string]>([
    ["a reference", 1, "update transfer_reference set reference = 'opening'"],
    ["a reference to none", 1, "delete from transfer_reference"],
    [
      "no reference to one",
      18,
      "insert into transfer_reference select at_us, 'x' from transfer where seq = 18",
    ],
  ])("%s", async (_, seq, statement) => {
    await tampered([statement], async () => {
      expect(await verify()).toMatchObject({ firstBrokenSeq: seq });
    });
  });

  test.each<[string, number, string, string]>([
    ["takes away", 15, "delete from transfer where seq = 15", "16 stands in its place"],
    ["takes away the last", 20, "delete from transfer where seq = 20", "20 is missing"],
    [
      "makes a copy of",
      16,
      `insert into transfer select (row).* from (
         select jsonb_populate_record(t, '{"at_us": 1}') as row from transfer t where seq = 15) c`,
      "",
    ],
  ])("history: %s a transfer", async (_, seq, statement, problem) => {
    const later = statement.replace('"at_us": 1', `"at_us": ${await timeAfter(15)}`);
    await tampered([later], async () => {
      const verdict = await verify();
      expect(verdict).toMatchObject({ verifiedSeq: 12, firstBrokenSeq: seq });
      expect(verdict.problem).toContain(problem);
    });
  });

  test("the order of two transfers", async () => {
    const swap = [
      "create temporary table times on commit drop as select seq, at_us from transfer",
      "update transfer set at_us = (select max(at_us) + 1 from times) where seq = 14",
      "update transfer set at_us = (select at_us from times where seq = 14) where seq = 17",
      "update transfer set at_us = (select at_us from times where seq = 17) where seq = 14",
    ];
    await tampered(swap, async () => {
      expect(await verify()).toMatchObject({ verifiedSeq: 12, firstBrokenSeq: 14 });
    });
  });

  test.each(columns.seal)("$name of a seal", async (column) => {
    const unchecked = "alter table seal drop constraint seal_check";
    const change = `update seal set ${column.name} = ${other(column)} where first_seq = 13`;
    await tampered([unchecked, change], async () => {
      const verdict = await verify();
      expect(verdict).toMatchObject({ verifiedSeq: 12, firstBrokenSeq: 0 });
      expect(verdict.problem).toMatch(/seal|chain ends/);
    });
  });

  test.each([
    ["a seal away", "delete from seal where first_seq = 1", "no seal that begins at 1"],
    ["the last seal away", "delete from seal where first_seq = 13", "A head of 20 was signed"],
    ["all seals away", "delete from seal", "was signed, and the chain ends at 0"],
  ])("the chain: takes %s", async (_, statement, problem) => {
    await tampered([statement], async () => {
      expect((await verify()).problem).toContain(problem);
    });
  });

  test.each(columns.head)("$name of a signed head", async (column) => {
    const change = `update chain_head set ${column.name} = ${other(column)} where seq = 12`;
    const found = { verifiedSeq: 0, problem: `The head of 12 is not as it was signed.` };
    const seq = { verifiedSeq: 12, problem: "The head of 13 is not as it was signed." };
    const unknown = { verifiedSeq: 20, problem: "", unprovenHeads: 1 };
    await tampered([change], async () => {
      const others: Record<string, object> = { seq, key_id: unknown };
      expect(await verify()).toMatchObject(others[column.name] ?? found);
    });
  });
});

test("the closing of an account is no change of what is sealed", async () => {
  await tampered(["update account set flags = flags | 8 where slot = 5"], async () => {
    expect(await verify()).toMatchObject({ problem: "" });
  });
});

describe("L19 a superuser makes the whole chain anew", () => {
  const anew = async (check: () => Promise<void>) => {
    await tamper(
      superuser,
      "create table kept as select * from seal",
      "delete from seal",
      "update transfer set amount = amount + 1 where seq = 15",
    );
    await sealAll(db.url);
    try {
      await check();
    } finally {
      await tamper(
        superuser,
        "update transfer set amount = amount - 1 where seq = 15",
        "delete from seal",
        "insert into seal select * from kept",
        "drop table kept",
      );
    }
  };

  test("and the signed heads tell between which of them", async () => {
    await anew(async () => {
      const verdict = await verify();
      expect(verdict.problem).toContain("of no seal's end"); // it is one block now
    });
  });

  test("with the same blocks, and the signed heads tell between which of them", async () => {
    await anew(async () => {
      await tamper(superuser, "delete from chain_head where seq = 12");
      const verdict = await verify();
      await restore(heads[0]!);
      expect(verdict).toMatchObject({ verifiedSeq: 0, firstBrokenSeq: 1 });
      expect(verdict.problem).toContain("the head of 20 has another hash");
    });
  });

  test("and takes the heads away, and the witness tells", async () => {
    await using core = await testDatabase({
      migrations: [new URL("../../core/store/migrations/", import.meta.url)],
    });
    await using witness = await openConnection({ url: core.url, name: "test" });
    const { seq, hash, keyId, signature, signedAtUs } = heads[1]!;
    await sql`
      insert into ledger_head (shard, seq, hash, signed_at_us, key_id, signature)
      values (0, ${seq}, decode(${hash}, 'hex'), ${signedAtUs}, ${keyId}, ${Buffer.from(signature)})
    `.execute(core.sql);
    await anew(async () => {
      await tamper(superuser, "delete from chain_head");
      const alone = await verify();
      const both = await verifyChain({ connection: superuser, shard: 0, keys, witness });
      for (const head of heads) await restore(head);
      expect(alone.problem).toBe("");
      expect(both.problem).toContain("the head of 20 kept by core has another hash");
    });
  });
});

test("a newest head whose key nobody knows proves nothing", async () => {
  const verdict = await verifyChain({ connection: superuser, shard: 0, keys: [] });
  expect(verdict.problem).toContain("unknown key");
  const unproven = await verifyChain({ connection: superuser, shard: 0, keys: undefined });
  expect(unproven).toMatchObject({ problem: "", unprovenHeads: 2 });
});

async function restore({ seq, hash, keyId, signature, signedAtUs }: ChainHead) {
  await superuser.query(
    `insert into chain_head (shard, seq, hash, key_id, signature, signed_at_us)
      values (0, $1, decode($2, 'hex'), $3, $4, $5)`,
    [seq, hash, keyId, Buffer.from(signature), signedAtUs],
  );
}

/** A time between two transfers. */
async function timeAfter(seq: number): Promise<number> {
  const [row] = await superuser.query<{ at_us: number }>(
    "select at_us + 1 as at_us from transfer where seq = $1",
    [seq],
  );
  return row!.at_us;
}
