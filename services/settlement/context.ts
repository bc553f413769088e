import type { Client, HandlerContext } from "@connectrpc/connect";
import type { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import type { Database } from "#mesh/database/connect.ts";
import type { Log } from "#mesh/log.ts";
import type { Metrics } from "#mesh/metrics.ts";
import type { PayoutLimits } from "./domain/check-payout.ts";
import type { BankProvider } from "./providers/bank.ts";
import type { Tables } from "./store/tables.ts";

/** What the operations of settlement need. */
export type Settlement = {
  readonly db: Database<Tables>;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Who pays, by name; the order is that in which they are tried (PAY-10). */
  readonly banks: ReadonlyMap<string, BankProvider>;
  readonly terms: Terms;
  /** What is paid: the asset, and how many digits its minor units have. */
  readonly currency: { readonly asset: string; readonly scale: number };
};

/** What the operator has settled. All times are in milliseconds. */
export type Terms = {
  readonly limits: PayoutLimits;
  /** How long a new account of a merchant waits for its first payout; not the first one (PAY-7). */
  readonly coolDownMs: number;
  /** After how long a payout that has not ended needs somebody (PAY-5). */
  readonly unknownMs: number;
  /** How long CreatePayouts waits for ends before it answers with the states of then. */
  readonly answerMs: number;
};

/** The part of the ledger that settlement books on. */
export type LedgerClient = Pick<Client<typeof LedgerService>, "createAccounts" | "createTransfers">;

/** What operations see of a call: who calls under which key, and when it is over. */
export type Call = Pick<HandlerContext, "values" | "signal">;
