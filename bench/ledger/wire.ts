import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { AccountFlag } from "#gen/mizan/billing/v1/account_pb.ts";
import { TransferStatus } from "#gen/mizan/billing/v1/transfer_pb.ts";
import { bytesOf, derivedId } from "#mesh/ids.ts";
import { inside } from "../../scripts/platform/inside.ts";
import { temporaryStack } from "../../scripts/platform/temporary-stack.ts";
import { closedLoop } from "../load.ts";
import { inTurn } from "../rounds.ts";
import { quantile } from "../report.ts";
import { accountIds, drawPair, randomId } from "./chart.ts";

/** How many transfers a call has, and how many calls are in flight. */
export const WIRE = { batch: 500, inFlight: 4 } as const;

/**
 * Measures transfers over gRPC with mutual TLS against billing as `npm start` has it, in a process
 * of its own, beside all others of the platform; the client is this process.
 */
export async function measureWire({ rounds, ms }: { rounds: number; ms: number }) {
  await using stack = await temporaryStack({ say: () => undefined });
  using core = inside(stack.current().describe(), "core");
  const ledger = core.of(LedgerService);
  const accounts = accountIds.map((id) => ({ id: bytesOf(id), asset: "USDT", code: 100, flags }));
  const world = { id: bytesOf(worldId), asset: "USDT", code: 700 };
  for (let from = 0; from < accounts.length; from += 5000) {
    const part = accounts.slice(from, from + 5000);
    await ledger.createAccounts({ requestId: randomId(), accounts: [world, ...part] });
    const funds = part.map(({ id }) => transfer(worldId, id, "1000000000"));
    await create(funds);
  }

  async function create(transfers: ReturnType<typeof transfer>[]): Promise<number> {
    const { results } = await ledger.createTransfers({ requestId: randomId(), transfers });
    const refused = results.find(({ status }) => status !== TransferStatus.CREATED);
    if (refused !== undefined) throw new Error(`a transfer was refused: ${refused.status}`);
    return transfers.length;
  }

  const measure = async () => {
    const { perSecond, latenciesMs } = await closedLoop({ inFlight: WIRE.inFlight, ms }, () =>
      create(
        Array.from({ length: WIRE.batch }, () => {
          const { debitAccountId, creditAccountId } = drawPair("uniform");
          return transfer(debitAccountId, bytesOf(creditAccountId), "0.0001");
        }),
      ),
    );
    return { "gRPC batch 500": perSecond, "gRPC batch 500, p99": quantile(latenciesMs, 0.99) };
  };
  return await inTurn([measure], rounds);
}

const flags = AccountFlag.DEBITS_MUST_NOT_EXCEED_CREDITS;
const worldId = derivedId("bench/world");

function transfer(debitId: string, creditAccountId: Uint8Array<ArrayBuffer>, amount: string) {
  const id = bytesOf(randomId());
  return {
    id,
    debitAccountId: bytesOf(debitId),
    creditAccountId,
    asset: "USDT",
    amount,
    code: 100,
  };
}
