import {
  createFlow,
  emptyStep,
  type FlowOptions,
  type FlowStep,
} from "../../services/matching/testing/flow.ts";

/**
 * The commands of a flow in the order they come, 32 bytes each, little endian: kind, order, user,
 * whether it buys, price and lots as int32, the bound of a FOK order as a double.
 */
export type Tape = {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly count: number;
  /** So many of the commands fill the book; what follows is measured. */
  readonly fill: number;
  /** What the flow begins at. */
  readonly price: number;
};

/** Draws the commands that fill the book, and so many more. */
export function recordTape(options: FlowOptions, measured: number): Tape {
  const flow = createFlow(options);
  const count = flow.fill + measured;
  const bytes = Buffer.alloc(count * STEP_BYTES);
  const step = emptyStep();
  for (let at = 0; at < bytes.length; at += STEP_BYTES) {
    flow.next(step);
    bytes.writeInt32LE(KINDS.indexOf(step.kind), at);
    bytes.writeInt32LE(step.order, at + 4);
    bytes.writeInt32LE(step.user, at + 8);
    bytes.writeInt32LE(Number(step.isBuy), at + 12);
    bytes.writeInt32LE(step.price, at + 16);
    bytes.writeInt32LE(step.lots, at + 20);
    bytes.writeDoubleLE(step.limitUnits, at + 24);
  }
  return { bytes, count, fill: flow.fill, price: flow.price };
}

/** The beginning of a tape: so many commands after those that fill the book. */
export function beginning({ bytes, fill, price }: Tape, measured: number): Tape {
  const count = fill + measured;
  return { bytes: bytes.subarray(0, count * STEP_BYTES), count, fill, price };
}

/** Reads all commands into one step after the other; they are the same object. */
export function* stepsOf({ bytes }: Pick<Tape, "bytes">): Generator<FlowStep> {
  const step = emptyStep();
  for (let at = 0; at < bytes.length; at += STEP_BYTES) {
    step.kind = KINDS[bytes.readInt32LE(at)]!;
    step.order = bytes.readInt32LE(at + 4);
    step.user = bytes.readInt32LE(at + 8);
    step.isBuy = bytes.readInt32LE(at + 12) === 1;
    step.price = bytes.readInt32LE(at + 16);
    step.lots = bytes.readInt32LE(at + 20);
    step.limitUnits = bytes.readDoubleLE(at + 24);
    yield step;
  }
}

const STEP_BYTES = 32;
const KINDS = ["GTC", "IOC", "FOK", "CANCEL", "REDUCE", "MOVE"] as const;
