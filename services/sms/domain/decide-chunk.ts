import type { Input } from "./inputs.ts";
import type { ChargeState, FailureReason, MessageState } from "./message.ts";
import { type MoneyPolicy, next } from "./message-machine.ts";

/** Where the money of a chunk is: one hold for all of its messages (MON-7). */
export type ChunkMoney = {
  readonly charge: ChargeState;
  /** How many messages have a price that is reserved, and the sum, in minor units. */
  readonly openCount: number;
  readonly openAmount: bigint;
};

/** A message as it is decided about. */
export type Decided = {
  readonly id: string;
  readonly price: bigint;
  readonly isOver: boolean;
  readonly state: MessageState;
  readonly charge: ChargeState;
  readonly failure: FailureReason | undefined;
  readonly revision: number;
};

/** What the ledger is to be told of a chunk, in this order. */
export type MoneyStep =
  | { readonly kind: "CAPTURE"; readonly amount: bigint }
  | { readonly kind: "RELEASE" }
  | { readonly kind: "REFUND"; readonly messageId: string; readonly amount: bigint };

/** What comes of a batch of inputs. */
export type Decision<M extends Decided> = {
  /** Each move, in order: a message that moved twice is here twice. */
  readonly moves: readonly { readonly index: number; readonly message: M }[];
  readonly chunk: ChunkMoney;
  readonly steps: readonly MoneyStep[];
  /** How many messages that did not move were captured with the others. */
  readonly capturedBeside: number;
};

/**
 * Decides what happens to messages of a chunk, and to its money: the first message that is sent
 * captures, once, the prices of all that have not failed by the end of the batch; what fails
 * afterwards is refunded singly. The last one that fails before releases the hold (MON-7).
 */
export function decideChunk<M extends Decided>(
  chunk: ChunkMoney,
  messages: ReadonlyMap<string, M>,
  inputs: readonly { readonly messageId: string; readonly input: Input }[],
  policy: MoneyPolicy,
): Decision<M> {
  const now = new Map<string, M>();
  const moves: { index: number; message: M }[] = [];
  const refunds: MoneyStep[] = [];
  let { openCount, openAmount } = chunk;
  let captures = false;
  for (const [index, { messageId, input }] of inputs.entries()) {
    const before = now.get(messageId) ?? messages.get(messageId);
    const move = before && next(before, input, policy);
    if (before === undefined || move === undefined) continue;
    const { id, price, charge, revision } = before;
    const message: M = { ...before, failure: undefined, ...move, revision: revision + 1 };
    if (charge === "RESERVED" && move.charge === "CAPTURED") captures = true;
    if (charge === "RESERVED" && move.charge === "RELEASED") {
      openCount -= 1;
      openAmount -= price;
    }
    if (move.charge === "REFUNDED" && charge !== "REFUNDED" && price > 0n)
      refunds.push({ kind: "REFUND", messageId: id, amount: price });
    now.set(messageId, message);
    moves.push({ index, message });
  }
  if (captures) {
    const capture: MoneyStep =
      openAmount > 0n ? { kind: "CAPTURE", amount: openAmount } : { kind: "RELEASE" };
    const open = [...now.keys()].filter((id) => messages.get(id)?.charge === "RESERVED");
    const released = [...now.values()].filter(({ charge }) => charge === "RELEASED");
    return {
      moves: moves.map(({ index, message }) => ({ index, message: withChunk(message) })),
      chunk: { charge: "CAPTURED", openCount: 0, openAmount: 0n },
      steps: [capture, ...refunds],
      capturedBeside: openCount - (open.length - released.length),
    };
  }
  const isReleased = chunk.charge === "RESERVED" && openCount === 0 && moves.length > 0;
  return {
    moves,
    chunk: { charge: isReleased ? "RELEASED" : chunk.charge, openCount, openAmount },
    steps: [...(isReleased ? [{ kind: "RELEASE" } as const] : []), ...refunds],
    capturedBeside: 0,
  };
}

/** A message that goes on is captured with its chunk, whoever was sent. */
function withChunk<M extends Decided>(message: M): M {
  return message.charge === "RESERVED" ? { ...message, charge: "CAPTURED" } : message;
}
