import type { Client, HandlerContext } from "@connectrpc/connect";
import type { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import type { Database } from "#mesh/database/connect.ts";
import type { Log } from "#mesh/log.ts";
import type { Metrics } from "#mesh/metrics.ts";
import type { RateCard } from "./domain/rate-card.ts";
import type { Currency } from "./events.ts";
import type { SmsProvider } from "./providers/provider.ts";
import type { Tables } from "./store/tables.ts";

/** What the operations of sms need. */
export type Sms = {
  readonly db: Database<Tables>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly terms: Terms;
  /** What messages are paid in. */
  readonly currency: Currency;
  /** The rate card of now (RATE-3). */
  readonly rates: () => RateCard;
  /** Where money is reserved. */
  readonly holds: Client<typeof HoldService>;
  /** Who sends. */
  readonly provider: SmsProvider;
};

/** What it takes to follow messages after their acceptance: workers have no ledger and no prices. */
export type Following = Omit<Sms, "holds" | "rates">;

/** What the operator has settled. All times are in milliseconds. */
export type Terms = {
  /** The lines that messages may come from; the first is the usual one. */
  readonly senders: readonly string[];
  /** The countries that may be sent to, such as "IR"; the first is that of national numbers. */
  readonly countries: readonly string[];
  /** The most parts of a message (SEG-9). */
  readonly maxSegments: number;
  /** How long a message may be sent unless its sender says otherwise (SCH-2). */
  readonly validityMs: { readonly EXPRESS: number; readonly BULK: number };
  /** Until when an express message is promised to be at the operator (LANE-1). */
  readonly promiseMs: number;
  /** After how long an acceptance that has not ended is given up (MON-4). */
  readonly abandonMs: number;
  /** How long a worker may take for a call to a provider, before others doubt it (FO-2). */
  readonly leaseMs: number;
  /** The pause before the next attempt after one that surely failed. */
  readonly retryMs: number;
  /** After how long a queued task that nobody took is put into its lane again. */
  readonly requeueMs: number;
  /** How far two answers "not found" are apart (FO-4). */
  readonly askAgainMs: { readonly EXPRESS: number; readonly BULK: number };
  /** When it is no longer asked what became of a doubtful message (MON-6). */
  readonly unknownOutcomeMs: number;
  /** When a receipt is asked for the first time, and when it is no longer expected (DLR-7). */
  readonly firstPollMs: number;
  readonly receiptMs: number;
  /** How long a receipt waits for the answer that it came before (DLR-4). */
  readonly parkMs: number;
  /** Whether UNDELIVERED gives the price back (RATE-5). */
  readonly refundUndelivered: boolean;
};

/** What operations see of a call: who calls under which key, and when it is over. */
export type Call = Pick<HandlerContext, "values" | "signal">;
