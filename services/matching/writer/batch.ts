import type { Command, NewOrder, OrderId } from "../domain/command.ts";
import { CommandLog } from "../domain/command-log.ts";
import { ACCOUNT, CommandRecord, GROUP, LEG_WORDS, TIER } from "../domain/command-record.ts";
import { toRecord } from "../domain/to-record.ts";
import { journalCrc32, type JournalRow } from "../store/journal.ts";
import type { Numbering } from "./numbering.ts";
import type { OrderTexts, Submission } from "./submission.ts";
import { encodeTexts } from "./texts.ts";
import type { Job } from "./work.ts";

/** Commands that are being collected, or that are on their way into the journal. */
export type Batch = {
  readonly log: CommandLog;
  /** What was taken for it, and at which places each of the commands is. */
  readonly jobs: { readonly job: Job; readonly places: readonly number[] }[];
  readonly texts: Map<number, OrderTexts>;
  /** As it is sent. */
  row?: JournalRow;
  /** How far all places are moved by an EXPIRE that comes first. */
  shift: number;
  /** When the first of the GTD orders ends that it places; Infinity when none does. */
  expiryMs: number;
};

/** Begins a batch, in a log that nobody needs any more. */
export function newBatch(log: CommandLog = new CommandLog()): Batch {
  log.clear();
  return { log, jobs: [], texts: new Map(), shift: 0, expiryMs: Infinity };
}

/** What it takes to write commands down. */
export type Encoding = {
  readonly numbering: Numbering;
  /** Orders that are refused for ever, as far as this process has had it so. */
  readonly isBurned: (order: OrderId) => boolean;
};

/** The place of a command that is not journaled. */
export const NOWHERE = -1;

/** Adds a job to a batch. */
export function addJob(batch: Batch, job: Job, encoding: Encoding): void {
  const { log } = batch;
  if ("write" in job.work) {
    const places = [log.count];
    job.work.write(log);
    batch.jobs.push({ job, places });
    return;
  }
  const { submissions } = job.work;
  // All of them or none: one that can't be written has to be found before others are.
  if (submissions.length > 1) for (const { command } of submissions) toRecord(command, record);
  const places = submissions.map((submission) => add(batch, submission, encoding));
  batch.jobs.push({ job, places });
}

function add(batch: Batch, submission: Submission, { numbering, isBurned }: Encoding): number {
  const { log, texts } = batch;
  const { command } = submission;
  const orders = placedBy(command);
  if (orders.some(({ order }) => isBurned(order))) return NOWHERE;
  fillRecord(submission, numbering, log);
  const place = log.count;
  log.append(record);
  if (submission.texts !== undefined) texts.set(place, submission.texts);
  for (const { timeInForce, expireMs } of orders) {
    if (timeInForce === "GTD") batch.expiryMs = Math.min(batch.expiryMs, expireMs);
  }
  return place;
}

/** The orders that a command places. */
export function newOrders(command: Command): readonly OrderId[] {
  return placedBy(command).map(({ order }) => order);
}

function placedBy(command: Command): readonly NewOrder[] {
  if (command.kind === "OCO") return [command.limit, command.stop];
  return command.kind === "PLACE" || command.kind === "REPLACE" ? [command] : [];
}

/** Writes a command into the record, with the numbers of its account and its tier. */
function fillRecord(submission: Submission, numbering: Numbering, log: CommandLog): void {
  const { command, owner, fees } = submission;
  const tier = fees && numbering.tier(fees, log);
  const account = owner && accountOf(command, owner, { numbering, log });
  const { words } = toRecord(command, record);
  if (account) words[ACCOUNT] = account;
  if (account && command.kind === "ACCOUNT") words[GROUP] = command.group || account;
  if (tier === undefined) return;
  words[TIER] = tier;
  if (command.kind === "OCO") words[LEG_WORDS + TIER] = tier;
}

function accountOf(
  command: Command,
  owner: string,
  { numbering, log }: { readonly numbering: Numbering; readonly log: CommandLog },
): number {
  if (command.kind !== "ACCOUNT") return numbering.account(owner, log);
  return numbering.find(owner) ?? numbering.next(owner);
}

const record = new CommandRecord();

/** What comes before a batch in the journal. */
export type Position = { readonly batch: number; readonly seq: number; readonly atMs: number };

/** What a writer knows when it sends a batch. */
export type Sealing = {
  readonly after: Position;
  readonly atMs: number;
  /** Whether orders have to end first whose time has come. */
  readonly expires: boolean;
  readonly eventsBatch: number;
  readonly eventsCrc32: number;
};

/** Makes the row of a batch; its commands lie where they are until it is applied. */
export function seal(batch: Batch, sealing: Sealing): JournalRow {
  const { after, atMs, expires, eventsBatch, eventsCrc32 } = sealing;
  const { log } = batch;
  batch.shift = expires ? 1 : 0;
  const commands = expires ? Buffer.concat([expireBytes, log.bytes()]) : log.bytes();
  const texts = encodeTexts(
    expires ? new Map([...batch.texts].map(([place, own]) => [place + 1, own])) : batch.texts,
  );
  const row = {
    batch: after.batch + 1,
    firstSeq: after.seq + 1,
    lastSeq: after.seq + log.count + batch.shift,
    atMs,
    crc32: journalCrc32({ commands, texts }),
    eventsBatch,
    eventsCrc32,
    commands,
    texts,
  };
  batch.row = row;
  return row;
}

const expiring = new CommandLog();
expiring.append(toRecord({ kind: "EXPIRE" }, new CommandRecord()));
const expireBytes = expiring.bytes();
