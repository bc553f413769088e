import type { Sms } from "../context.ts";
import { decideChunk, type Decision, type MoneyStep } from "../domain/decide-chunk.ts";
import type { Input } from "../domain/inputs.ts";
import {
  type ChargeState,
  type FailureReason,
  hasEnded,
  type Lane,
  type MessageState,
} from "../domain/message.ts";
import { type Change, messagesChanged } from "../events.ts";
import { type LockedChunk, lockChunks, saveChunks } from "../store/chunks.ts";
import { addLedgerSteps, type LedgerStep } from "../store/ledger-steps.ts";
import * as store from "../store/message-moves.ts";
import type { Tx } from "../store/tables.ts";

/** Something that happened to a message. */
export type Advance = {
  readonly messageId: string;
  /** The chunk of the message, when it is known; it saves a look-up. */
  readonly chunkId?: string;
  readonly input: Input;
  /** What is noted beside a retry or a doubt (ST-2), such as the provider's code. */
  readonly detail?: string;
};

/** A message that moved. */
export type Advanced = {
  readonly messageId: string;
  readonly chunkId: string;
  readonly accountId: string;
  readonly lane: Lane;
  readonly from: MessageState;
  readonly state: MessageState;
  readonly charge: ChargeState;
  readonly failure: FailureReason | undefined;
  /** In minor units. */
  readonly price: bigint;
  readonly revision: number;
};

type Moving = store.MovingMessage;

/**
 * Moves messages by what happened to them, in order; returns those that moved, each once. All
 * that follows is in the caller's transaction: money of their chunks, steps for the ledger, notes
 * and events (ST-1, MON-8). The locks of the chunks make the moves of a message follow each other.
 * What was reserved beside a message that is sent is captured with it: its revision grows and it
 * is told, since its charge changed, but it did not move.
 */
export async function advanceMessages(
  { terms, currency }: Pick<Sms, "terms" | "currency">,
  tx: Tx,
  advances: readonly Advance[],
): Promise<Advanced[]> {
  if (advances.length === 0) return [];
  const chunkIds = await findChunks(tx, advances);
  const locked = await lockChunks(tx, [...new Set(chunkIds.values())]);
  const ids = [...new Set(advances.map(({ messageId }) => messageId))];
  const messages = new Map((await store.readMoving(tx, ids)).map((one) => [one.id, one]));
  const ofChunks = Map.groupBy(advances, ({ messageId }) => chunkIds.get(messageId));
  const decisions = locked.map((chunk) => {
    const own = ofChunks.get(chunk.id)!;
    return { chunk, own, decision: decideChunk(chunk.money, messages, own, terms) };
  });
  const moved = decisions.flatMap(({ own, decision }) => writtenOf(own, decision));
  if (moved.length === 0) return [];
  await store.writeMoves(tx, moved);
  const beside = await captureRest(tx, decisions);
  await saveChunks(tx, decisions.flatMap(changedMoney));
  await addLedgerSteps(tx, decisions.flatMap(toLedgerSteps));
  await store.addNotes(tx, decisions.flatMap(notesOf));
  const changed = decisions.flatMap(({ decision }) => decision.moves.map((move) => move.message));
  const atMs = locked[0]!.nowMs;
  await messagesChanged(
    tx,
    [...changed, ...beside].map((message) => toChange(message, atMs)),
    currency,
  );
  return moved.map(({ message }) => toAdvanced(message, messages.get(message.id)!.state));
}

type Decided = {
  readonly chunk: LockedChunk;
  readonly own: readonly Advance[];
  readonly decision: Decision<Moving>;
};

async function findChunks(
  tx: Tx,
  advances: readonly Advance[],
): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  const unknown = new Set<string>();
  for (const { messageId, chunkId } of advances) {
    if (chunkId === undefined) unknown.add(messageId);
    else known.set(messageId, chunkId);
  }
  if (unknown.size === 0) return known;
  const found = await store.chunksOf(tx, [...unknown]);
  for (const [messageId, chunkId] of found) known.set(messageId, chunkId);
  return known;
}

/** What is written of each message that moved, once however often it did. */
function writtenOf(own: readonly Advance[], { moves }: Decision<Moving>): store.Written[] {
  const written = new Map<string, store.Written>();
  for (const { index, message } of moves) {
    const { input } = own[index]!;
    const before = written.get(message.id) ?? untouched;
    const sent = input.kind === "SENT" ? input : undefined;
    written.set(message.id, {
      message,
      taken: before.taken + (message.state === "SENDING" ? 1 : 0),
      isSent: before.isSent || sent !== undefined,
      hasEnded: hasEnded(message.state),
      provider: input.kind === "TAKEN" ? input.provider : before.provider,
      providerId: sent?.providerId ?? before.providerId,
      tariff: sent?.tariff ?? before.tariff,
      parts: sent?.parts ?? before.parts,
    });
  }
  return [...written.values()];
}

const untouched = {
  taken: 0,
  isSent: false,
  provider: undefined,
  providerId: undefined,
  tariff: undefined,
  parts: undefined,
};

async function captureRest(tx: Tx, decisions: readonly Decided[]): Promise<Moving[]> {
  const ids = decisions.flatMap(({ chunk, decision }) => {
    if (decision.capturedBeside === 0) return [];
    const moved = new Set(decision.moves.map(({ message }) => message.id));
    return chunk.messageIds.filter((id) => !moved.has(id));
  });
  return ids.length === 0 ? [] : store.captureBeside(tx, ids);
}

function changedMoney({ chunk: { id, money }, decision }: Decided) {
  const { charge, openCount } = decision.chunk;
  const isSame = charge === money.charge && openCount === money.openCount;
  return isSame ? [] : [{ id, money: decision.chunk }];
}

function toLedgerSteps({ chunk: { id: holdId }, decision }: Decided): LedgerStep[] {
  return decision.steps.map((step: MoneyStep) => {
    if (step.kind !== "REFUND") return { ...step, holdId };
    return { ...step, holdId, reference: step.messageId };
  });
}

/** The normal course is told by the times of a message; only what differs is noted (ST-2). */
function notesOf({ own, decision }: Decided): store.Note[] {
  return decision.moves.flatMap(({ index, message }) => {
    const { messageId, input, detail = "" } = own[index]!;
    const kind = message.state === "EXPIRED" ? undefined : noted.get(input.kind);
    return kind === undefined ? [] : [{ messageId, kind, detail }];
  });
}

const noted = new Map<Input["kind"], string>([
  ["PUT_BACK", "RETRY"],
  ["UNKNOWN", "UNCERTAIN"],
  ["NOT_FOUND", "NOT_FOUND"],
]);

function toChange(message: Moving, atMs: number): Change {
  const { id: messageId, accountId, state, failure, charge, price, revision } = message;
  const { clientReference } = message;
  return {
    messageId,
    accountId,
    state,
    failure,
    charge,
    price,
    revision,
    atMs: Math.floor(atMs),
    clientReference,
  };
}

function toAdvanced(message: Moving, from: MessageState): Advanced {
  const { id: messageId, chunkId, accountId, lane, state, charge, failure } = message;
  const { price, revision } = message;
  return { messageId, chunkId, accountId, lane, from, state, charge, failure, price, revision };
}
