import { Code } from "@connectrpc/connect";
import { reasons } from "#mesh/errors.ts";

/** Makes the errors of matching. */
export const fail = reasons("matching", {
  BAD_CREDENTIALS: [Code.Unauthenticated, "The token is no access token of ours."],
  BAD_SOCKET_REQUEST: [Code.InvalidArgument, "This is no request: {problem}."],
  BOOKS_AWAY: [Code.Unavailable, "The books may be with another process by now; try again."],
  DUPLICATE_CLIENT_ORDER_ID: [
    Code.AlreadyExists,
    "Another order of yours on {market} is called {client_order_id}.",
  ],
  DUPLICATE_ORDER: [Code.AlreadyExists, "The order {order_id} is there already."],
  INSUFFICIENT_FUNDS: [
    Code.FailedPrecondition,
    "The order needs {needed} {asset}, which are not free; ask again with a new request id.",
  ],
  INVALID_COMBINATION: [Code.InvalidArgument, "The fields don't go together: {violations}."],
  INVALID_RULES: [Code.InvalidArgument, "The rules don't fit: {problem}."],
  LEDGER_AWAY: [
    Code.Unavailable,
    "It is not known yet whether the funds are held; ask again with the same request id.",
  ],
  MARKET_CLOSED: [Code.FailedPrecondition, "{market} takes no such order now."],
  MARKET_EXISTS: [Code.AlreadyExists, "{market} is listed already."],
  MARKET_NOT_FOUND: [Code.NotFound, "There is no market {market}."],
  MARKET_SCALE: [
    Code.InvalidArgument,
    "A lot, or a tick of a lot, is no whole number of the smallest units of its asset.",
  ],
  MAX_NOTIONAL: [Code.InvalidArgument, "The order is worth more than {market} takes."],
  MAX_OPEN_ORDERS: [Code.FailedPrecondition, "You have as many orders on {market} as you may."],
  MAX_POSITION: [Code.FailedPrecondition, "You would have more of {market} than you may."],
  MAX_STOP_ORDERS: [Code.FailedPrecondition, "You have as many stops on {market} as you may."],
  MIN_NOTIONAL: [Code.InvalidArgument, "The order is worth less than {market} takes."],
  NOT_AMENDABLE: [Code.FailedPrecondition, "The order {order_id} is {state}."],
  NOT_CANCELLABLE: [Code.FailedPrecondition, "The order {order_id} is {state}."],
  ORDER_IN_PROGRESS: [
    Code.Unavailable,
    "Another try at the order {order_id} is being given up; ask again in a minute.",
  ],
  ORDER_ID_RELEASED: [
    Code.FailedPrecondition,
    "The first try was given up and its funds are free again; use a new request id.",
  ],
  OUTCOME_UNKNOWN: [
    Code.Unavailable,
    "It is not known yet whether this was done; ask again with the same request id.",
  ],
  PERCENT_PRICE: [Code.FailedPrecondition, "The price is too far from the average of {market}."],
  PRICE_OVER_RISK_LIMIT: [
    Code.FailedPrecondition,
    "The price is above the reserve price, up to which the order is held for.",
  ],
  PRICE_RANGE: [Code.InvalidArgument, "The price is not one that {market} takes."],
  PRICE_TICK: [Code.InvalidArgument, "{market} can't take this price: {violations}."],
  QTY_RANGE: [Code.InvalidArgument, "The size is not one that {market} takes."],
  QTY_STEP: [Code.InvalidArgument, "{market} can't take this size: {violations}."],
  READER_TOO_SLOW: [
    Code.ResourceExhausted,
    "The changes are not read as fast as they happen; begin anew.",
  ],
  SIGN_IN_FIRST: [Code.Unauthenticated, "Send an auth with an access token of yours first."],
  SIGNED_IN_ALREADY: [
    Code.FailedPrecondition,
    "Somebody else has signed in here; open a WebSocket for each user.",
  ],
  STP_MODE_NOT_ALLOWED: [Code.InvalidArgument, "{market} does not allow this self-trade mode."],
  SUBSCRIBED_ALREADY: [Code.AlreadyExists, "You are subscribed to {channel} already."],
  TOKEN_EXPIRED: [Code.Unauthenticated, "The token has expired; send the next one."],
  TOO_MANY_AMENDS: [Code.FailedPrecondition, "The order was changed as often as it may be."],
  TOO_MANY_MARKETS: [Code.FailedPrecondition, "There are {most} markets, and no more may be."],
  TOO_MANY_SUBSCRIPTIONS: [
    Code.ResourceExhausted,
    "You have {most} subscriptions, and no more may be.",
  ],
  TOO_MANY_TRIGGERS: [Code.FailedPrecondition, "{most} triggers of yours wait; no more may."],
  TRIGGER_NOT_FOUND: [Code.NotFound, "There is no trigger {trigger_id} of yours."],
  UNKNOWN_ASSET: [Code.InvalidArgument, "{asset} is no asset that is counted here."],
  UNKNOWN_CHANNEL: [Code.InvalidArgument, "There is no channel {channel}."],
  UNKNOWN_MARKET: [Code.NotFound, "There is no market {market}."],
  UNKNOWN_ORDER: [Code.NotFound, "There is no such order of yours."],
  USER_NOT_FOUND: [Code.NotFound, "{user_id} has never placed an order."],
  WOULD_CROSS: [Code.FailedPrecondition, "The order would match at once."],
  WOULD_TRIGGER_IMMEDIATELY: [Code.FailedPrecondition, "The stop would go off at once."],
  WRONG_SIZE: [Code.InvalidArgument, 'The size "{size}" is no positive number of whole lots.'],
});

/** Makes the errors of triggers that have the reason of one of orders. */
export const failAtTrigger = reasons("matching", {
  NOT_CANCELLABLE: [Code.FailedPrecondition, "The trigger {trigger_id} is {state}."],
});
