import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { type CallEntry, callBuffer } from "#mesh/call-buffer.ts";
import type { Mesh, Served } from "#mesh/service.ts";
import { banksOf } from "./banks.ts";
import type { settings } from "./config.ts";
import type { Settlement } from "./context.ts";
import { contract } from "./contract.ts";
import { currency } from "./domain/currency.ts";
import { createEngine } from "./engine/engine.ts";
import { hooks } from "./hooks.ts";
import { callbacksJob, forgetCallbacksJob } from "./jobs/callbacks.ts";
import { oldWithdraw } from "./old-withdraw.ts";
import { payoutJobs } from "./jobs/payouts.ts";
import { statementJobs } from "./jobs/statements.ts";
import { logCalls } from "./operations/log-calls.ts";
import type { BankProvider } from "./providers/bank.ts";
import type { Tables } from "./store/tables.ts";
import { termsOf } from "./terms.ts";

type SettlementMesh = Mesh<Tables, typeof settings>;

/** Has banks pay, and finds out what became of it. */
export async function startSettlement(mesh: SettlementMesh): Promise<Served<Tables>> {
  const settlement = createSettlement(mesh, banksOf(mesh.config.banks()));
  const engine = createEngine(settlement);
  const { log, telemetry: metrics } = mesh;
  const write = async (entries: readonly CallEntry[]) => logCalls(settlement, entries);
  const requestLog = callBuffer({ write, log, metrics });
  const callbacks = callbacksJob(settlement);
  return {
    contract: contract(settlement, engine),
    jobs: [
      ...payoutJobs(settlement, engine),
      callbacks,
      forgetCallbacksJob(settlement),
      ...statementJobs({
        ...settlement,
        ledger: mesh.clients.of(LedgerService),
        overdueMs: mesh.config.payoutOverdueHours * HOUR_MS,
      }),
    ],
    pages: [
      hooks({ ...settlement, calls: requestLog.add, stored: callbacks.stir }),
      oldWithdraw({ log, calls: requestLog.add }),
    ],
    calls: requestLog.add,
    stop: async () => {
      await engine.settled();
      await requestLog.stop();
    },
  };
}

function createSettlement(
  { db, log, telemetry, config }: SettlementMesh,
  banks: ReadonlyMap<string, BankProvider>,
): Settlement {
  return { db, log, metrics: telemetry, banks, terms: termsOf(config), currency };
}

const HOUR_MS = 3600 * 1000;
