import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { asRole } from "#mesh/database/role.ts";
import { ZERO_ID } from "#mesh/ids.ts";
import { emptyChain } from "../domain/chain.ts";
import { TransferFlags } from "../domain/transfer.ts";
import { sealPass } from "../seal/seal-pass.ts";
import { databaseRole } from "../store/role.ts";
import { findLastSeal } from "../store/seals.ts";
import { make, open, testBooks, testWriter, transferOf } from "./test-ledger.ts";

/** Seals what is committed, as the service does, and returns where the chain ends. */
export async function sealAll(url: string) {
  const address = asRole(url, databaseRole);
  await using connection = await openConnection({ url: address, name: "test" });
  const chain = (await findLastSeal(connection, 0)) ?? emptyChain;
  return await sealPass({ connection, shard: 0, chain }, () => {});
}

/** Books with a dozen transfers of every kind, unsealed, and a superuser's connection to them. */
export async function filledBooks() {
  await using stack = new AsyncDisposableStack();
  const db = stack.use(await testBooks());
  const superuser = stack.use(await openConnection({ url: db.url, name: "superuser" }));
  await using writer = await testWriter(db.url);
  await open(writer, "a", "b", "c", "d");
  const [first, second] = [0, 1].map(() =>
    transferOf("a", "c", { amount: 50n, flags: TransferFlags.PENDING, timeoutSeconds: 1000 }),
  );
  const ending = { debitAccountId: ZERO_ID, creditAccountId: ZERO_ID, ledger: 0, code: 0 };
  const { POST_PENDING, VOID_PENDING } = TransferFlags;
  await make(writer, transferOf("d", "a", { amount: 500n, reference: "opening | balance\n" }));
  await make(writer, first!, second!);
  await make(
    writer,
    transferOf("a", "c", { ...ending, amount: 20n, pendingId: first!.id, flags: POST_PENDING }),
  );
  await open(writer, "e");
  await make(
    writer,
    transferOf("a", "c", { ...ending, amount: 0n, pendingId: second!.id, flags: VOID_PENDING }),
  );
  for (let round = 0; round < 7; round += 1) await make(writer, transferOf("a", "e"));
  const resources = stack.move();
  return { db, superuser, [Symbol.asyncDispose]: async () => resources.disposeAsync() };
}

/** Makes so many transfers, one by one, as a writer of its own. */
export async function transferMore(url: string, count: number): Promise<void> {
  await using writer = await testWriter(url);
  for (let round = 0; round < count; round += 1) await make(writer, transferOf("a", "e"));
}

/** Changes rows as only a superuser can: past the triggers and the foreign keys. */
export async function tamper(superuser: Connection, ...statements: readonly string[]) {
  await superuser.query("set session_replication_role = replica");
  for (const statement of statements) await superuser.query(statement);
  await superuser.query("set session_replication_role = origin");
}
