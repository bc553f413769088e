/** An order in the book of the generator; those of a level form a chain. */
export type FlowOrder = {
  readonly order: number;
  readonly user: number;
  readonly isBuy: boolean;
  price: number;
  lots: number;
  previous: FlowOrder | undefined;
  next: FlowOrder | undefined;
  /** Where it stands among the live ones. */
  place: number;
};

/** What a taker wants: a limit, and for all or nothing the bound of what it costs or brings. */
type FlowTaker = Pick<FlowOrder, "isBuy" | "price" | "lots">;

/**
 * The book that the generator keeps, so that it knows what is live and at what price it trades:
 * price and time alone, as plain objects.
 */
export type FlowBook = {
  readonly live: readonly FlowOrder[];
  readonly count: (isBuy: boolean) => number;
  readonly volume: (isBuy: boolean) => number;
  /** Rests after it has matched; tells whether anything of it does. */
  readonly add: (order: FlowOrder) => boolean;
  /** Matches what crosses; returns the lots that are left. */
  readonly take: (taker: FlowTaker) => number;
  /** The total of price × lots for all lots of a taker; undefined where there are too few. */
  readonly cost: (taker: FlowTaker) => number | undefined;
  readonly remove: (order: FlowOrder) => void;
  readonly reduce: (order: FlowOrder, lots: number) => void;
};

type Level = { readonly price: number; first: FlowOrder; last: FlowOrder };

/** Levels sorted so that the best is the last. */
type Half = { readonly isBuy: boolean; readonly levels: Level[]; count: number; volume: number };

/** Makes an empty book; each fill is told with its price. */
export function createFlowBook(onTrade: (price: number) => void): FlowBook {
  const live: FlowOrder[] = [];
  const bids: Half = { isBuy: true, levels: [], count: 0, volume: 0 };
  const asks: Half = { isBuy: false, levels: [], count: 0, volume: 0 };
  const half = (isBuy: boolean) => (isBuy ? bids : asks);

  function remove(order: FlowOrder): void {
    unlink(half(order.isBuy), order);
    const last = live.pop()!;
    if (last === order) return;
    live[order.place] = last;
    last.place = order.place;
  }

  function take({ isBuy, price, lots }: FlowTaker): number {
    const makers = half(!isBuy);
    let left = lots;
    for (let level = makers.levels.at(-1); left > 0 && level; level = makers.levels.at(-1)) {
      if (isBuy ? level.price > price : level.price < price) break;
      const maker = level.first;
      const traded = Math.min(left, maker.lots);
      left -= traded;
      if (traded === maker.lots) remove(maker);
      else reduce(maker, traded);
      onTrade(maker.price);
    }
    return left;
  }

  function reduce(order: FlowOrder, lots: number): void {
    if (lots >= order.lots) return remove(order);
    order.lots -= lots;
    half(order.isBuy).volume -= lots;
  }

  function add(order: FlowOrder): boolean {
    order.lots = take(order);
    if (order.lots === 0) return false;
    order.place = live.push(order) - 1;
    link(half(order.isBuy), order);
    return true;
  }

  return {
    live,
    count: (isBuy) => half(isBuy).count,
    volume: (isBuy) => half(isBuy).volume,
    add,
    take,
    cost: (taker) => cost(half(!taker.isBuy), taker),
    remove,
    reduce,
  };
}

function cost({ levels }: Half, { isBuy, price, lots }: FlowTaker): number | undefined {
  let [left, total] = [lots, 0];
  for (let at = levels.length - 1; at >= 0 && left > 0; at -= 1) {
    const level = levels[at]!;
    if (isBuy ? level.price > price : level.price < price) break;
    for (let maker: FlowOrder | undefined = level.first; maker && left > 0; maker = maker.next) {
      const taken = Math.min(left, maker.lots);
      left -= taken;
      total += taken * level.price;
    }
  }
  return left === 0 ? total : undefined;
}

function link(half: Half, order: FlowOrder): void {
  half.count += 1;
  half.volume += order.lots;
  const at = find(half, order.price);
  const level = half.levels[at];
  if (level?.price === order.price) {
    [order.previous, order.next] = [level.last, undefined];
    level.last = level.last.next = order;
  } else {
    [order.previous, order.next] = [undefined, undefined];
    half.levels.splice(at, 0, { price: order.price, first: order, last: order });
  }
}

function unlink(half: Half, order: FlowOrder): void {
  half.count -= 1;
  half.volume -= order.lots;
  const at = find(half, order.price);
  const level = half.levels[at]!;
  if (order.previous === undefined && order.next === undefined) half.levels.splice(at, 1);
  if (order.previous) order.previous.next = order.next;
  else if (order.next) level.first = order.next;
  if (order.next) order.next.previous = order.previous;
  else if (order.previous) level.last = order.previous;
}

/** Where a price is among the levels, or belongs. */
function find({ isBuy, levels }: Half, price: number): number {
  let [low, high] = [0, levels.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = levels[middle]!.price;
    if (isBuy ? other < price : other > price) low = middle + 1;
    else high = middle;
  }
  return low;
}
