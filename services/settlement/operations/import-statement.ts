import {
  type ImportStatementRequest,
  type ImportStatementResponse,
  ImportStatementResponseSchema,
} from "#gen/mizan/settlement/v1/reconciliation_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import { retryLater } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { IN_PROGRESS_RETRY_MS, MAX_NOTED_MISSING, STATEMENT_CHUNK_LINES } from "#mesh/limits.ts";
import type { Call, Settlement } from "../context.ts";
import { dayStartMs, readStatement, type StatementLine } from "../domain/statement-line.ts";
import { fail } from "../errors.ts";
import { countMissing, noteMissing } from "../store/awaited-payments.ts";
import { keepStrangers } from "../store/differences.ts";
import { addLines, findChangedLine, type LinesOf, tieLines } from "../store/statement-lines.ts";
import {
  countLines,
  findStatement,
  lockStatements,
  openStatement,
  planByIndexes,
} from "../store/statements.ts";
import type { Tx } from "../store/tables.ts";
import { judgePayouts } from "./judge-payouts.ts";
import { toStatement } from "./statement-messages.ts";

/**
 * Reads the statement of a provider for a day, or a part of it, whole or not at all: keeps its
 * lines, compares them with our payouts, and leaves to the ledger's job what is to be booked, all
 * in one transaction and once per key. Lines that are there already change nothing. Throws
 * PROVIDER_NOT_FOUND, INVALID_STATEMENT and STATEMENT_IN_PROGRESS.
 */
export async function importStatement(
  { db, banks }: Pick<Settlement, "db" | "banks">,
  { provider, statementDate, csv }: ImportStatementRequest,
  { values }: Pick<Call, "values">,
): Promise<ImportStatementResponse> {
  if (!banks.has(provider)) throw fail("PROVIDER_NOT_FOUND", { provider });
  return once(db, values, ImportStatementResponseSchema, async (tx) => {
    dayStartMs(statementDate); // before the database is told of a day that is none
    if (!(await lockStatements(tx, provider))) throw inProgress(provider);
    await planByIndexes(tx);
    const statementId = await openStatement(tx, { id: newId(), provider, day: statementDate });
    const lines = readStatement(csv, statementDate);
    for (let chunk = take(lines); chunk.length > 0; chunk = take(lines)) {
      await importLines(tx, { provider, statementId }, chunk);
    }
    const openCount = await countMissing(tx, provider, MAX_NOTED_MISSING);
    if (openCount < MAX_NOTED_MISSING) {
      await noteMissing(tx, provider, MAX_NOTED_MISSING - openCount);
    }
    return { statement: toStatement((await findStatement(tx, statementId))!) };
  });
}

async function importLines(tx: Tx, of: LinesOf, chunk: readonly StatementLine[]): Promise<void> {
  const { provider, statementId } = of;
  const lines = distinct(chunk);
  const { addedCount, restIds } = await addLines(tx, of, lines);
  if (addedCount < lines.length) {
    const id = await findChangedLine(tx, provider, lines);
    if (id !== undefined) throw changed(lines.find((line) => line.id === id)!);
  }
  await countLines(tx, statementId, addedCount);
  if (restIds.length === 0) return;
  await judgePayouts(tx, provider, await tieLines(tx, provider, restIds));
  await keepStrangers(tx, provider, restIds);
}

/** The next lines, up to a chunk. Nothing else of the text is looked at meanwhile. */
function take(lines: Generator<StatementLine>): StatementLine[] {
  const taken: StatementLine[] = [];
  while (taken.length < STATEMENT_CHUNK_LINES) {
    const next = lines.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

/** Lines without those that were said twice. */
function distinct(lines: readonly StatementLine[]): StatementLine[] {
  const known = new Map<string, StatementLine>();
  for (const line of lines) {
    const same = known.get(line.id);
    if (same !== undefined && !isSame(same, line)) throw changed(line);
    if (same === undefined) known.set(line.id, line);
  }
  return [...known.values()];
}

function isSame(one: StatementLine, other: StatementLine): boolean {
  return (
    one.isIncoming === other.isIncoming &&
    one.reference === other.reference &&
    one.amountMinor === other.amountMinor &&
    one.bookedAtMs === other.bookedAtMs
  );
}

function changed({ line, id }: StatementLine) {
  return fail("INVALID_STATEMENT", { line, problem: `${id} has said something else before` });
}

function inProgress(provider: string) {
  return retryLater(fail("STATEMENT_IN_PROGRESS", { provider }), IN_PROGRESS_RETRY_MS);
}
