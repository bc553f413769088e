import type { Client, HandlerContext } from "@connectrpc/connect";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { NewAccountSchema } from "#gen/mizan/billing/v1/account_pb.ts";
import type { CreditService } from "#gen/mizan/billing/v1/credit_service_pb.ts";
import type { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import type { AccountResult } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import type { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import type { PayoutService } from "#gen/mizan/settlement/v1/payout_service_pb.ts";
import type { Clock } from "#mesh/clock.ts";
import type { Database } from "#mesh/database/connect.ts";
import type { Log } from "#mesh/log.ts";
import type { Metrics } from "#mesh/metrics.ts";
import type { Signer } from "#mesh/tokens.ts";
import type { Attempts } from "./domain/attempts.ts";
import type { Passwords } from "./providers/passwords.ts";
import type { Tables } from "./store/tables.ts";

/** What the operations of core need. */
export type Core = {
  readonly db: Database<Tables>;
  readonly log: Pick<Log, "warn">;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly signer: Pick<Signer, "accessToken">;
  readonly passwords: Passwords;
  /** The log-ins that were tried. */
  readonly attempts: Attempts;
  /** Opens an account on the ledger; calls at the same time travel together. */
  readonly openAccount: (
    account: MessageInitShape<typeof NewAccountSchema>,
    call: Partial<Call>,
  ) => Promise<AccountResult>;
  /** Where merchants have their credit. */
  readonly credit: Pick<
    Client<typeof CreditService>,
    "grantCredit" | "getCredit" | "recordRepayment"
  >;
  readonly wallets: Pick<Client<typeof WalletService>, "listBalances">;
  /** Above which limit, or repayment, two administrators have to agree, in minor units (S10). */
  readonly fourEyesMinor: bigint;
  /** What a withdrawal costs on top of its amount, in minor units. */
  readonly withdrawalFeeMinor: bigint;
};

/** What operations see of a call: who calls from where under which key, and when it is over. */
export type Call = Pick<HandlerContext, "values" | "signal">;

/** What it takes to carry withdrawals out. */
export type Withdrawing = {
  readonly db: Database<Tables>;
  readonly log: Pick<Log, "error" | "warn">;
  readonly metrics: Metrics;
  /** Where credit and pool are held. */
  readonly holds: Pick<
    Client<typeof HoldService>,
    "createHolds" | "captureHolds" | "releaseHolds" | "refundHolds"
  >;
  /** Who has banks pay. */
  readonly payouts: Pick<Client<typeof PayoutService>, "createPayouts" | "getPayout">;
  readonly terms: WithdrawalTerms;
};

/** What the operator has settled for withdrawals. */
export type WithdrawalTerms = {
  /** How long a call waits for the end, in milliseconds. */
  readonly waitMs: number;
  /** What a withdrawal costs on top, in minor units. */
  readonly fee: bigint;
  /** The providers that send no statements, so that what they pay is booked at once. */
  readonly withoutStatements: readonly string[];
};
