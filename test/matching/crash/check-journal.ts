import assert from "node:assert";
import type { Database } from "#mesh/database/connect.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { CommandReader } from "../../../services/matching/domain/command-log.ts";
import { CommandRecord } from "../../../services/matching/domain/command-record.ts";
import type { Command } from "../../../services/matching/domain/command.ts";
import { fromRecord } from "../../../services/matching/domain/from-record.ts";
import { readJournal } from "../../../services/matching/store/journal.ts";
import type { Tables } from "../../../services/matching/store/tables.ts";
import { newOrders } from "../../../services/matching/writer/batch.ts";
import type { Submission } from "../../../services/matching/writer/submission.ts";

/** What is known of a stream of commands: what was answered, and what the last process was given. */
export type Sent = {
  readonly stream: readonly Submission[];
  readonly answered: readonly { readonly place: number; readonly seq: number }[];
  readonly from: number;
  readonly until: number;
};

/**
 * Fails unless the journal has what was answered under the numbers that were told, in the order of
 * the stream, and of what was not answered at most the last two batches, which were on their way.
 * Returns how many commands that are.
 */
export async function checkJournal({ url }: Database<Tables>, sent: Sent): Promise<number> {
  const journal = await readAll(url);
  const told = new Map(sent.answered.map(({ place, seq }) => [seq, place]));
  let before = -1;
  for (const [seq, place] of [...told].toSorted(([one], [other]) => one - other)) {
    const found = journal.get(seq);
    assert(found !== undefined, `command ${seq} was answered and is journaled`);
    assert.deepStrictEqual(nameOf(found.command), nameOf(sent.stream[place]!.command));
    assert(place > before, "commands are journaled in the order in which they came");
    before = place;
  }
  const placed = new Set(
    sent.stream.slice(sent.from, sent.until).flatMap(({ command }) => newOrders(command)),
  );
  const tail = [...journal].filter(([seq, { command }]) => {
    return !told.has(seq) && newOrders(command).some((order) => placed.has(order));
  });
  const batches = new Set(tail.map(([, { batch }]) => batch));
  const [least, most] = [Math.min(...batches), Math.max(...batches)];
  assert(batches.size === 0 || most - least <= 1, "no more was on its way than two batches");
  const later = [...told].filter(([seq]) => tail.some(([other]) => other < seq));
  const own = later.filter(([, place]) => place >= sent.from && place < sent.until);
  assert(own.length === 0, "what was answered came before what was not");
  return tail.length;
}

type Found = { readonly batch: number; readonly command: Command };

/** All commands by their numbers. */
async function readAll(url: string): Promise<Map<number, Found>> {
  await using connection = await openConnection({ url, name: "check" });
  const rows = await readJournal(connection, { shard: 0, after: 0, until: 2 ** 40 });
  const found = new Map<number, Found>();
  const record = new CommandRecord();
  for (const { batch, firstSeq, commands } of rows) {
    const reader = new CommandReader(commands);
    for (let seq = firstSeq; reader.next(record); seq += 1) {
      found.set(seq, { batch, command: fromRecord(record) });
    }
  }
  return found;
}

/** A command but for the numbers that the writer has given. */
function nameOf(command: Command): unknown {
  const { kind } = command;
  const order = "order" in command ? command.order : newOrders(command)[0];
  const market = "market" in command ? command.market : 0;
  return [kind, market, order, "price" in command ? command.price : 0];
}
