import type { Mesh, Served } from "#mesh/service.ts";
import { banksOf } from "./banks.ts";
import type { settings } from "./config.ts";
import type { Settlement } from "./context.ts";
import { contract } from "./contract.ts";
import { currency } from "./currency.ts";
import type { BankProvider } from "./providers/bank.ts";
import type { Tables } from "./store/tables.ts";
import { termsOf } from "./terms.ts";

type SettlementMesh = Mesh<Tables, typeof settings>;

/** Has banks pay, and finds out what became of it. */
export async function startSettlement(mesh: SettlementMesh): Promise<Served<Tables>> {
  const settlement = createSettlement(mesh, banksOf(mesh.config.banks()));
  return { contract: contract(settlement) };
}

function createSettlement(
  { db, log, telemetry, config }: SettlementMesh,
  banks: ReadonlyMap<string, BankProvider>,
): Settlement {
  return { db, log, metrics: telemetry, banks, terms: termsOf(config), currency };
}
