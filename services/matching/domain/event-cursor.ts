import { END_REASONS, EVENT_KINDS, MARKET_STATES, STP_MODES } from "./codes.ts";
import * as at from "./event-words.ts";
import type { Event, Refusal } from "./event.ts";
import {
  FACT_WORDS,
  HAS_MORE,
  MORE_WORDS,
  PRICE,
  readFacts,
  REMAINING,
  RESERVE,
  TERMS,
} from "./facts.ts";
import { REFUSALS } from "./refusals.ts";
import { sideOf } from "./terms.ts";

/** Goes over the events of a log without making objects, unless it is asked for one. */
export class EventCursor {
  readonly #words: Int32Array;
  readonly #reals: Float64Array;
  readonly #end: number;
  #at = 0;
  #next = 0;

  /** Reads what the log has now. */
  constructor(log: at.EventWords) {
    this.#words = log.words;
    this.#reals = log.reals;
    this.#end = log.end;
  }

  /** Goes to the next event; false after the last. */
  next(): boolean {
    if (this.#next === this.#end) return false;
    this.#at = this.#next;
    this.#next += this.#words[this.#at]! >>> 16;
    return true;
  }

  get kind(): Event["kind"] {
    return EVENT_KINDS[this.#words[this.#at]! & 0xff]!;
  }

  get market(): number {
    return this.#words[this.#at + at.MARKET]!;
  }

  /** The market's number of the event. */
  get seq(): number {
    return this.#reals[this.#at / 2 + at.SEQ]!;
  }

  /** Which command of the log it comes from, counted from 0. */
  get command(): number {
    return this.#words[this.#at + at.COMMAND]!;
  }

  /** The price of a trade, or of a prevented one; of an amendment the price before. */
  get price(): number {
    return this.#words[this.#at + at.PRICE]!;
  }

  /** The quantity of a trade. */
  get lots(): number {
    return this.#reals[this.#at / 2 + at.LOTS]!;
  }

  /** The market's number of a trade. */
  get tradeId(): number {
    return this.#reals[this.#at / 2 + at.NUMBER]!;
  }

  /** The side of the order, or of the taker: 0 is a buy, 1 a sell. */
  get side(): number {
    return sideOf(this.#words[this.#at + at.FACTS + TERMS]!);
  }

  /**
   * The limit of the order, or of the taker, after the event. With `price`, on this side after an
   * amendment and on the other one after a trade, that is every level that the event may change.
   */
  get limit(): number {
    return this.#words[this.#at + at.FACTS + PRICE]!;
  }

  /** Whether it is an amendment that leaves the hold of its order as it is, such as most moves. */
  get leavesHold(): boolean {
    if (this.kind !== "AMENDED") return false;
    const facts = this.#at + at.FACTS;
    const isSameReserve = this.#words[this.#at + at.RESERVE] === this.#words[facts + RESERVE];
    return isSameReserve && this.lots === this.#reals[facts / 2 + REMAINING];
  }

  /** The event as an object. */
  event(): Event {
    const words = this.#words;
    const reals = this.#reals;
    const start = this.#at;
    const kind = this.kind;
    const detail = (words[start]! >>> 8) & 0xff;
    const id = { market: this.market, seq: this.seq };
    if (kind === "STATE") return { kind, ...id, state: MARKET_STATES[detail]! };
    const facts = readFacts(words, reals, start + at.FACTS);
    const sibling = { siblingReservePrice: words[start + at.RESERVE]! };
    switch (kind) {
      case "ACCEPTED":
        return { kind, ...id, facts, isWaiting: detail === 1 };
      case "REJECTED":
        return { kind, ...id, facts, reason: REFUSALS[detail] as Refusal, ...sibling };
      case "TRIGGERED":
        return { kind, ...id, facts };
      case "AMENDED":
        return {
          kind,
          ...id,
          facts,
          oldPrice: this.price,
          oldReservePrice: words[start + at.RESERVE]!,
          oldRemaining: this.lots,
          stopPrice: words[start + at.STOP_PRICE]!,
        };
      case "TRADE":
      case "PREVENTED":
        return this.#meeting(kind);
      default:
        return { kind, ...id, facts, reason: END_REASONS[detail]!, ...sibling };
    }
  }

  #meeting(kind: "TRADE" | "PREVENTED"): Event {
    const words = this.#words;
    const first = this.#at + at.FACTS;
    const hasMore = (words[first + TERMS]! & HAS_MORE) !== 0;
    const second = first + FACT_WORDS + (hasMore ? MORE_WORDS : 0);
    const detail = (words[this.#at]! >>> 8) & 0xff;
    const common = {
      market: this.market,
      seq: this.seq,
      price: this.price,
      taker: readFacts(words, this.#reals, first),
      maker: readFacts(words, this.#reals, second),
    };
    if (kind === "TRADE") return { kind, ...common, tradeId: this.tradeId, lots: this.lots };
    return {
      kind,
      ...common,
      mode: STP_MODES[detail & 7]!,
      takerPrevented: this.lots,
      makerPrevented: this.tradeId,
      takerEnds: (detail & at.TAKER_ENDS) !== 0,
      makerEnds: (detail & at.MAKER_ENDS) !== 0,
    };
  }
}
