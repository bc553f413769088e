import { join } from "node:path";
import { CreditService } from "#gen/mizan/billing/v1/credit_service_pb.ts";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { PayoutService } from "#gen/mizan/settlement/v1/payout_service_pb.ts";
import { type CallEntry, callBuffer } from "#mesh/call-buffer.ts";
import { systemClock } from "#mesh/clock.ts";
import type { Mesh, Served } from "#mesh/service.ts";
import { createVerifier } from "#mesh/token-verifier.ts";
import { readKeys } from "#mesh/token-keys.ts";
import { compat } from "./compat.ts";
import type { settings } from "./config.ts";
import { chainHeads } from "./consumers/chain-heads.ts";
import { crossedBalances, failedAudits, newAssets } from "./consumers/ledger-alerts.ts";
import { firedTriggers, haltedMarkets } from "./consumers/exchange-news.ts";
import { payoutAlarms } from "./consumers/payout-alarms.ts";
import { payouts } from "./consumers/payouts.ts";
import { settlementCalls } from "./consumers/settlement-calls.ts";
import { walletEvents } from "./consumers/wallet-events.ts";
import { welcome } from "./consumers/welcome.ts";
import type { Core } from "./context.ts";
import { contract } from "./contract.ts";
import { createAttempts } from "./domain/attempts.ts";
import { finishCreditChangesJob } from "./jobs/finish-credit-changes.ts";
import { openAccountsJob } from "./jobs/open-accounts.ts";
import { pruneSessionsJob } from "./jobs/prune-sessions.ts";
import { requestLogDaysJob } from "./jobs/request-log-days.ts";
import { withdrawalJobs } from "./jobs/withdrawals.ts";
import { ledgerAccounts } from "./ledger-accounts.ts";
import { ensureAdmin } from "./operations/ensure-admin.ts";
import type { Witness } from "./operations/keep-chain-head.ts";
import { logCalls } from "./operations/log-calls.ts";
import { makeRequestLogDays } from "./operations/make-request-log-days.ts";
import { createPasswords } from "./providers/passwords.ts";
import { createAccept } from "./saga/accept.ts";
import type { Saga } from "./saga/advance.ts";
import { createRunner } from "./saga/runner.ts";
import { createWatched } from "./saga/watched.ts";
import type { Tables } from "./store/tables.ts";

/** Makes the first administrator, and serves the people: who they are and what they are told. */
export async function startCore(mesh: Mesh<Tables, typeof settings>): Promise<Served<Tables>> {
  const core = createCore(mesh);
  const { firstAdmin } = mesh.config;
  if (firstAdmin !== undefined) await ensureAdmin(core, firstAdmin());
  await makeRequestLogDays(core);
  const write = async (entries: readonly CallEntry[]) => logCalls(core, entries);
  const requestLog = callBuffer({ write, log: mesh.log, metrics: mesh.telemetry });
  const saga = createSaga(mesh);
  const runner = createRunner(saga);
  const verifier = createVerifier(mesh.config.certs, { log: mesh.log });
  return {
    contract: contract(core, saga, createAccept(saga, runner)),
    compat: compat(verifier),
    consumers: [
      walletEvents,
      welcome,
      crossedBalances,
      newAssets,
      failedAudits,
      payouts,
      payoutAlarms,
      firedTriggers,
      haltedMarkets,
      settlementCalls,
      chainHeads(witness(mesh)),
    ],
    jobs: [
      openAccountsJob(core),
      finishCreditChangesJob(core),
      pruneSessionsJob(core),
      requestLogDaysJob(core, mesh.config.requestLogDays),
      ...withdrawalJobs(saga, runner),
    ],
    calls: requestLog.add,
    stop: async () => {
      verifier[Symbol.dispose]();
      await requestLog.stop();
    },
  };
}

function witness({ config, log, telemetry }: Mesh<Tables, typeof settings>): Witness {
  return { keys: () => readKeys(join(config.certs, "jwks.json")), log, metrics: telemetry };
}

function createCore(mesh: Mesh<Tables, typeof settings>): Core {
  const { db, log, signer, clients, telemetry, config } = mesh;
  const passwords = createPasswords();
  telemetry.watch("mizan_hashes_waiting", "Passwords that wait to be hashed.", passwords.waiting);
  return {
    db,
    log,
    signer,
    passwords,
    clock: systemClock,
    attempts: createAttempts(),
    openAccount: ledgerAccounts(clients.of(LedgerService)),
    credit: clients.of(CreditService),
    wallets: clients.of(WalletService),
    fourEyesMinor: config.fourEyesMinor,
    withdrawalFeeMinor: config.withdrawalFeeMinor,
  };
}

function createSaga({ db, log, telemetry, clients, config }: Mesh<Tables, typeof settings>): Saga {
  const { withdrawalWaitMs: waitMs, withdrawalFeeMinor: fee, withoutStatements } = config;
  return {
    db,
    log,
    metrics: telemetry,
    holds: clients.of(HoldService),
    payouts: clients.of(PayoutService),
    terms: { waitMs, fee, withoutStatements },
    watched: createWatched({ db, log }),
  };
}
