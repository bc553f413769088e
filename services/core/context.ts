import type { HandlerContext } from "@connectrpc/connect";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { NewAccountSchema } from "#gen/mizan/billing/v1/account_pb.ts";
import type { AccountResult } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import type { Clock } from "#mesh/clock.ts";
import type { Database } from "#mesh/database/connect.ts";
import type { Log } from "#mesh/log.ts";
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
};

/** What operations see of a call: who calls from where under which key, and when it is over. */
export type Call = Pick<HandlerContext, "values" | "signal">;
