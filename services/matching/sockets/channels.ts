import type { Person } from "#mesh/person.ts";
import { MAX_LATEST_TRADES } from "#mesh/limits.ts";
import type { Feeding } from "../context.ts";
import { fail } from "../errors.ts";
import { getListed } from "../domain/get-listed.ts";
import type { Watch } from "../operations/follow.ts";
import { watchCandles } from "../operations/watch-candles.ts";
import { watchNotifications } from "../operations/watch-notifications.ts";
import { watchOrderBook } from "../operations/watch-order-book.ts";
import { watchTickers } from "../operations/watch-tickers.ts";
import { watchTrades } from "../operations/watch-trades.ts";
import type { Notices } from "../feed/notices.ts";
import type { SocketTopic } from "./requests.ts";

/** The texts of a channel, for who has signed in, or for anybody. */
export type Channels = (topic: SocketTopic, person: Person | undefined, watch: Watch) => Texts;

type Texts = AsyncIterable<{ readonly text: Buffer }>;

/** What the channels tell of. */
export type ChannelMeans = Feeding & {
  readonly notices: Notices;
  /** The orders of an account, on a market or on all. */
  readonly ordersOf: (wanted: OwnOrders, watch: Watch) => Texts;
};

/** Whose orders are followed. */
export type OwnOrders = { readonly accountId: string; readonly market: string };

/** Makes what tells of topics. Throws MARKET_NOT_FOUND, and SIGN_IN_FIRST where that is needed. */
export function createChannels(means: ChannelMeans): Channels {
  return (topic, person, watch) => {
    const { kind, market, depth, interval, afterSequence, afterTradeId } = topic;
    if (market !== "") getListed(means, market);
    const accountId = () => {
      if (person === undefined) throw fail("SIGN_IN_FIRST");
      return person.id;
    };
    switch (kind) {
      case "book":
      case "book:100ms": {
        const isConflated = kind === "book:100ms";
        return watchOrderBook(means, { market, depth, afterSequence, isConflated }, watch);
      }
      case "trades": {
        const from = afterTradeId > 0 ? { afterTradeId } : { latest: MAX_LATEST_TRADES };
        return watchTrades(means, { market, ...from }, watch);
      }
      case "candles":
        return watchCandles(means, { market, interval }, watch);
      case "tickers":
        return watchTickers(means, market === "" ? [] : [market], watch);
      case "orders":
        return means.ordersOf({ accountId: accountId(), market }, watch);
      default:
        return watchNotifications(means.notices, accountId(), watch);
    }
  };
}
