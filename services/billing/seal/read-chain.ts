import type { Connection } from "#mesh/database/connection.ts";
import { READ_CHUNK_ROWS } from "#mesh/limits.ts";
import type { Chain } from "../domain/chain.ts";
import { readAccountLines } from "../store/account-lines.ts";
import { readLines } from "../store/read-columns.ts";

/** Lines of the chain, one after the other. */
export type Lines = {
  readonly lines: readonly string[];
  /** The time of the last transfer, when this is the end of what was read in one go. */
  readonly endUs?: number;
};

/**
 * Reads the lines of the chain after a place, to the last transfer that is committed: those of
 * transfers, and of each account before the first transfer that is later. While some are worked on
 * the next are on their way.
 */
export async function* readChain(connection: Connection, after: Chain): AsyncGenerator<Lines> {
  const accounts = accountsAfter(connection, after.slot);
  const read = async (afterUs: number) => readLines(connection, { afterUs });
  let next = read(after.atUs);
  for (;;) {
    const { count, lines, lastUs } = await next;
    if (count === 0) return;
    const ready = accounts.begin(); // asked for before the next transfers, so as not to wait for them
    const isLast = count < READ_CHUNK_ROWS;
    if (!isLast) next = read(lastUs);
    next.catch(() => {}); // it is awaited only by those who want it
    await ready;
    yield* merge(lines, lastUs, accounts);
    if (isLast) return;
  }
}

/** Whether a line is that of an account; that of a transfer begins with its number. */
export function isAccount(line: string): boolean {
  return line.startsWith("account ");
}

/** A cell of a line, by its place. */
export function cellOf(line: string, place: number): string {
  return line.split(" ", place + 1)[place] ?? "";
}

/** The places of cells in lines. */
export const Cells = { SEQ: 0, AT_US: 1, SLOT: 1, CREATED_AT_US: 7 } as const;

async function* merge(
  lines: readonly string[],
  endUs: number,
  accounts: Accounts,
): AsyncGenerator<Lines> {
  let from = 0;
  for (;;) {
    const created = accounts.takeUntil(endUs);
    if (created.length === 0) break;
    const merged: string[] = [];
    for (const account of created) {
      const createdUs = Number(cellOf(account, Cells.CREATED_AT_US));
      while (from < lines.length && Number(cellOf(lines[from]!, Cells.AT_US)) < createdUs) {
        merged.push(lines[from]!);
        from += 1;
      }
      merged.push(account);
    }
    yield { lines: merged };
    await accounts.more();
  }
  yield { lines: from === 0 ? lines : lines.slice(from), endUs };
}

/** The lines of accounts after a slot, some at a time. */
type Accounts = {
  /** Looks for new ones, unless some wait that come before all that are not read yet. */
  begin(): Promise<void>;
  /** Looks for more where those before were as many as could be read in one go. */
  more(): Promise<void>;
  /** Takes the next ones, as far as they were opened before a time. */
  takeUntil(endUs: number): readonly string[];
};

function accountsAfter(connection: Connection, afterSlot: number): Accounts {
  let slot = afterSlot;
  let waiting: string[] = [];
  let isFull = false;
  const look = async () => {
    if (isFull && waiting.length > 0) return; // those that are not read come after them
    const found = await readAccountLines(connection, slot, READ_CHUNK_ROWS);
    isFull = found.length === READ_CHUNK_ROWS;
    if (found.length > 0) slot = Number(cellOf(found.at(-1)!, Cells.SLOT));
    waiting = [...waiting, ...found];
  };
  return {
    begin: look,
    more: async () => {
      if (isFull) await look();
    },
    takeUntil(endUs) {
      const later = waiting.findIndex((line) => Number(cellOf(line, Cells.CREATED_AT_US)) > endUs);
      return waiting.splice(0, later < 0 ? waiting.length : later);
    },
  };
}
