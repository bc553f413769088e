import { createFlowBook, type FlowOrder } from "./flow-book.ts";
import { createRandom, type Random } from "./flow-random.ts";

/** One command of a flow; who takes it reads it at once, for it is written over by the next. */
export type FlowStep = {
  kind: "GTC" | "IOC" | "FOK" | "CANCEL" | "REDUCE" | "MOVE";
  /** Counted from 1; a later command names the order by it. */
  order: number;
  /** From 0. */
  user: number;
  isBuy: boolean;
  /** A limit in ticks: of FOK none, it has a bound of its total. */
  price: number;
  /** Of a new order, or by how much to reduce. */
  lots: number;
  /** FOK: cost at most, or proceeds at least, in ticks times lots. */
  limitUnits: number;
};

/** What a flow is like. The same options make the same commands on every machine. */
export type FlowOptions = {
  readonly seed: number;
  readonly users: number;
  /** How many live orders it fills the book with, and then keeps. */
  readonly orders: number;
  /**
   * "exchange-core" moves orders most of the time, 9 % GTC, 3 % IOC, 6 % cancel, 82 % move;
   * "insert-heavy" places half of the time and cancels most of the other half.
   */
  readonly mix: "exchange-core" | "insert-heavy";
  /** Whether some of what would be moves reduce an order instead. */
  readonly reduces?: boolean;
  /** An IOC order takes up to all of the book. */
  readonly avalanche?: boolean;
  /** The price goes from one end of its window to the other and back. */
  readonly sliding?: boolean;
  /** The first price; otherwise drawn, about 2,000 to 2,000,000. */
  readonly price?: number;
};

/** Commands that fit a book to which all of them before were applied. */
export type Flow = {
  /** The first are this many GTC orders. */
  readonly fill: number;
  /** What it begins at. */
  readonly price: number;
  /** No price of a GTC or IOC order, and no move, goes above it. */
  readonly maxPrice: number;
  /** How many orders live after what was written so far. */
  readonly liveOrders: () => number;
  /** Writes the next command. */
  readonly next: (step: FlowStep) => void;
};

/** A step to be written. */
export const emptyStep = (): FlowStep => ({
  kind: "GTC",
  order: 0,
  user: 0,
  isBuy: false,
  price: 0,
  lots: 0,
  limitUnits: 0,
});

/** Makes a flow after the recipe of exchange-core's generator of test orders. */
export function createFlow(options: FlowOptions): Flow {
  const state = createState(options);
  const insert = options.mix === "insert-heavy";
  return {
    fill: options.orders,
    price: state.lastPrice,
    maxPrice: state.maxPrice,
    liveOrders: () => state.book.live.length,
    next: (step) => {
      state.commands += 1;
      if (state.commands <= options.orders) writeGtc(state, step);
      else if (insert) writeInsertHeavy(state, step);
      else writeMostlyMoves(state, step);
      if (state.commands % state.checkEvery === 0) look(state);
    },
  };
}

type State = ReturnType<typeof createState>;

function createState(options: FlowOptions) {
  const random = createRandom(options.seed);
  const price =
    options.price ?? Math.floor(10 ** (3.3 + 1.5 * random.unit() + 1.5 * random.unit()));
  const deviation = Math.max(1, Math.min(Math.floor(price * 0.05), 10_000));
  const [minPrice, maxPrice] = [Math.max(1, price - 5 * deviation), price + 5 * deviation];
  const book = createFlowBook((traded) => {
    state.lastPrice = Math.min(maxPrice, Math.max(minPrice, traded));
    if (!options.sliding) return;
    if (traded <= minPrice) state.direction = 1;
    else if (traded >= maxPrice) state.direction = -1;
  });
  const half = Math.floor(options.orders / 2);
  const state = {
    options,
    random,
    book,
    deviation,
    minPrice,
    maxPrice,
    half,
    lastPrice: price,
    direction: options.sliding ? 1 : 0,
    commands: 0,
    lastOrder: 0,
    checkEvery: Math.min(512, options.orders + 1),
    fastBelow: Math.min(512, Math.floor((half * 3) / 4)),
    /** What is missing on each side, as it was found lately. */
    lack: { asks: half, bids: half },
  };
  return state;
}

/** Looks how full the book is, which it does now and then only, so that its size swings. */
function look({ book, half, lack }: State): void {
  lack.asks = half - book.count(false);
  lack.bids = half - book.count(true);
}

function writeMostlyMoves(state: State, step: FlowStep): void {
  const { random, book, lack, fastBelow, options } = state;
  const isBuy = drawSide(state);
  const missing = isBuy ? lack.bids : lack.asks;
  const q = random.int(missing <= 0 ? 40 : missing > fastBelow ? 2 : 10);
  if (q < 2 || book.live.length === 0) {
    if (missing > 0) writeGtc(state, step);
    else writeInstant(state, step);
    return;
  }
  const order = pick(state);
  if (q === 2) writeCancel(state, step, order);
  else if (q === 3 && options.reduces) writeReduce(state, step, order);
  else writeMove(state, step, order);
}

function writeInsertHeavy(state: State, step: FlowStep): void {
  const { random, book, options } = state;
  const isFull = book.live.length >= options.orders;
  const q = random.int(100);
  if (q < (isFull ? 40 : 60) || book.live.length === 0) writeGtc(state, step);
  else if (q < (isFull ? 45 : 65)) writeIoc(state, step, 1 + cube(random, 6));
  else writeCancel(state, step, pick(state));
}

function writeGtc(state: State, step: FlowStep): void {
  const { random, book, deviation, lastPrice } = state;
  const isBuy = drawSide(state);
  const width = 1 + Math.floor(random.unit() ** 2 * deviation);
  let sum = 0;
  for (let draw = 0; draw < 4; draw += 1) sum += random.int(width);
  const away = Math.abs(2 * Math.floor(sum / 4) - width);
  const price = Math.max(1, isBuy ? lastPrice - away : lastPrice + away);
  writeNew(state, step, { kind: "GTC", isBuy, price, lots: 1 + cube(random, 6) });
  const { order, user, lots } = step;
  const links = { previous: undefined, next: undefined, place: 0 };
  book.add({ order, user, isBuy, price, lots, ...links });
}

function writeInstant(state: State, step: FlowStep): void {
  const { random, book, options } = state;
  if (!options.avalanche && random.int(32) === 0) return writeFok(state, step);
  if (!options.avalanche) return writeIoc(state, step, 1 + cube(random, 6));
  const isBuy = drawSide(state);
  return writeIoc(state, step, 1 + Math.floor(random.unit() * book.volume(!isBuy)), isBuy);
}

function writeIoc(state: State, step: FlowStep, lots: number, isBuy = drawSide(state)): void {
  const price = isBuy ? state.maxPrice : state.minPrice;
  writeNew(state, step, { kind: "IOC", isBuy, price, lots });
  if (state.book.take(step) > 0) look(state);
}

function writeFok(state: State, step: FlowStep): void {
  const isBuy = drawSide(state);
  const lots = 1 + cube(state.random, 8);
  const price = isBuy ? 4 * state.maxPrice : 1;
  writeNew(state, step, { kind: "FOK", isBuy, price, lots });
  step.limitUnits = lots * (isBuy ? state.maxPrice : state.minPrice);
  const cost = state.book.cost(step);
  const fits = cost !== undefined && (isBuy ? cost <= step.limitUnits : cost >= step.limitUnits);
  if (fits) state.book.take(step);
  else look(state);
}

function writeCancel({ book }: State, step: FlowStep, order: FlowOrder): void {
  writeOf(step, "CANCEL", order);
  book.remove(order);
}

function writeReduce({ book, random }: State, step: FlowStep, order: FlowOrder): void {
  writeOf(step, "REDUCE", order);
  step.lots = 1 + random.int(order.lots);
  book.reduce(order, step.lots);
}

/** A hundredth of the way to the last price, a tick at least. */
function writeMove({ book, random, lastPrice, maxPrice }: State, step: FlowStep, order: FlowOrder) {
  writeOf(step, "MOVE", order);
  const way = (lastPrice - order.price) / 100;
  const ticks = way === 0 ? random.int(2) * 2 - 1 : way < 0 ? Math.floor(way) : Math.ceil(way);
  book.remove(order);
  order.price = step.price = Math.max(1, Math.min(order.price + ticks, maxPrice));
  book.add(order);
}

type New = Pick<FlowStep, "kind" | "isBuy" | "price" | "lots">;

function writeNew(state: State, step: FlowStep, { kind, isBuy, price, lots }: New): void {
  step.kind = kind;
  step.order = state.lastOrder += 1;
  step.user = state.random.int(state.options.users);
  step.isBuy = isBuy;
  step.price = price;
  step.lots = lots;
  step.limitUnits = 0;
}

function writeOf(step: FlowStep, kind: FlowStep["kind"], order: FlowOrder): void {
  step.kind = kind;
  step.order = order.order;
  step.user = order.user;
  step.isBuy = order.isBuy;
  step.price = step.lots = step.limitUnits = 0;
}

function drawSide({ random, direction }: State): boolean {
  return random.int(4) + direction >= 2;
}

function pick({ random, book }: State): FlowOrder {
  return book.live[random.int(book.live.length)]!;
}

function cube(random: Random, bound: number): number {
  return random.int(bound) * random.int(bound) * random.int(bound);
}
