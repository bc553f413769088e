import { AssetService } from "#gen/mizan/billing/v1/asset_service_pb.ts";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import type { Mesh, Served } from "#mesh/service.ts";
import { createAccept } from "./accept/accept.ts";
import { compat } from "./compat.ts";
import type { settings } from "./config.ts";
import type { Sms } from "./context.ts";
import { contract } from "./contract.ts";
import { currency } from "./currency.ts";
import { laneStreams } from "./events.ts";
import { hooks } from "./hooks.ts";
import { abandonedJob } from "./jobs/abandoned.ts";
import { daysJob } from "./jobs/days.ts";
import { ledgerStepsJobs } from "./jobs/ledger-steps.ts";
import { moneyJob } from "./jobs/money.ts";
import { plannerJob } from "./jobs/planner.ts";
import { loadRates, type Rates } from "./operations/load-rates.ts";
import { makeDays } from "./operations/make-days.ts";
import { providerOf } from "./provider.ts";
import type { Tables } from "./store/tables.ts";
import { termsOf } from "./terms.ts";

type SmsMesh = Mesh<Tables, typeof settings>;

/** Takes texts and follows them to their ends; the workers of the lanes are processes apart. */
export async function startSms(mesh: SmsMesh): Promise<Served<Tables>> {
  const { db, clients } = mesh;
  const assets = clients.of(AssetService);
  const holds = clients.of(HoldService);
  const ledger = clients.of(LedgerService);
  await makeDays({ db });
  const rates = await loadRates(db, currency);
  const sms = createSms(mesh, { rates, holds });
  const stops = [keepRates(rates, mesh), compareScale(assets, mesh)];
  return {
    contract: contract(sms, createAccept(sms)),
    compat: compat(sms, mesh.config),
    pages: [hooks(sms)],
    streams: Object.values(laneStreams),
    jobs: [
      abandonedJob(sms),
      ...ledgerStepsJobs(sms),
      moneyJob(sms, ledger),
      daysJob(sms),
      plannerJob(sms),
    ],
    stop: async () => {
      for (const stop of stops) stop();
    },
  };
}

function createSms(mesh: SmsMesh, { rates, holds }: { rates: Rates; holds: Sms["holds"] }): Sms {
  const { db, log, telemetry, config } = mesh;
  return {
    db,
    log,
    metrics: telemetry,
    terms: termsOf(config),
    currency,
    rates: rates.current,
    holds,
    provider: providerOf(config),
  };
}

/** Looks for another version of the rate card, in every process that prices. */
function keepRates(rates: Rates, { log }: SmsMesh): () => void {
  const look = () => {
    rates.refresh().catch((error: unknown) => log.warn({ err: error }, "The rate card is old."));
  };
  const timer = setInterval(look, RATES_MS);
  return () => clearInterval(timer);
}

/**
 * Ends the process when the ledger counts our currency in other units than we do: every price
 * would be wrong. Asked once the ledger is there, since messages can be read without it.
 */
function compareScale(
  assets: { listAssets: (request: object) => Promise<{ assets: Scaled[] }> },
  { log, stop }: SmsMesh,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const ask = async () => {
    try {
      const { assets: known } = await assets.listAssets({});
      const scale = known.find(({ code }) => code === currency.asset)?.scale;
      if (scale !== currency.scale) stop(`the ledger counts ${currency.asset} otherwise`);
    } catch (error) {
      log.warn({ err: error }, "The ledger can't be asked yet.");
      if (!isStopped) timer = setTimeout(ask, RATES_MS);
    }
  };
  timer = setTimeout(ask, 0);
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

type Scaled = { readonly code: string; readonly scale: number };

/** How often it is looked for a new rate card, or for the ledger. */
const RATES_MS = 10_000;
