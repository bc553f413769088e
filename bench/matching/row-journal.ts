import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { CommandLog } from "../../services/matching/domain/command-log.ts";
import { CommandRecord } from "../../services/matching/domain/command-record.ts";
import type { Command } from "../../services/matching/domain/command.ts";
import { createEngine } from "../../services/matching/domain/create-engine.ts";
import { EventLog } from "../../services/matching/domain/event-log.ts";
import { toRecord } from "../../services/matching/domain/to-record.ts";
import { createFlow, emptyStep } from "../../services/matching/testing/flow.ts";
import { flowSetUp, toCommand } from "../../services/matching/testing/flow-commands.ts";
import { FLOW } from "./core.ts";
import { START_MS } from "./engine-run.ts";
import { USERS } from "./logs.ts";

/** The baseline: the same engine, with a row and a commit of its own for each command. */
export type RowJournal = AsyncDisposable & {
  readonly connections: number;
  /** Journals the next command, and applies it when it and all before it are committed; returns 1. */
  readonly next: () => Promise<number>;
};

/** Makes the table of the baseline in the database of the writer, and fills a book. */
export async function openRowJournal(url: string): Promise<RowJournal> {
  await using opened = new AsyncDisposableStack();
  const free: Connection[] = [];
  for (let count = 0; count < CONNECTIONS; count += 1) {
    free.push(opened.use(await openConnection({ url, name: "row journal" })));
  }
  await free[0]!.query("create table row_journal (seq bigint primary key, command bytea not null)");
  const [engine, record, events] = [createEngine(), new CommandRecord(), new EventLog()];
  const log = new CommandLog();
  const apply = (command: Command) => {
    events.clear();
    const refusal = engine.apply(toRecord(command, record), START_MS, events);
    if (refusal !== 0) throw new Error(`a command of the baseline was refused: ${refusal}`);
  };
  const flow = createFlow({ ...FLOW, mix: "exchange-core" });
  const step = emptyStep();
  const draw = () => {
    flow.next(step);
    return toCommand(step);
  };
  for (const command of flowSetUp(USERS, [flow])) apply(command);
  for (let left = flow.fill; left > 0; left -= 1) apply(draw());
  let [last, before] = [0, Promise.resolve()];
  const next = async () => {
    const connection = free.pop()!; // no more calls than connections are made at a time
    const command = draw();
    log.clear();
    log.append(toRecord(command, record));
    const bytes = Buffer.from(log.bytes());
    const committed = connection.query("insert into row_journal values ($1, $2)", [++last, bytes]);
    before = Promise.all([before, committed]).then(() => apply(command));
    await before;
    free.push(connection);
    return 1;
  };
  const resources = opened.move();
  const close = async () => resources.disposeAsync();
  return { connections: CONNECTIONS, next, [Symbol.asyncDispose]: close };
}

const CONNECTIONS = 16;
