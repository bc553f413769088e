import { createLog } from "#mesh/log.ts";
import { BATCHES_IN_FLIGHT, ledgerCases, UNARY_PER_SECOND } from "./ledger/cases.ts";
import { EVENTFUL_PER_SECOND, measureEvents } from "./ledger/events.ts";
import { accountIds } from "./ledger/chart.ts";
import { openLedger } from "./ledger/open-ledger.ts";
import { pgbench } from "./ledger/pgbench.ts";
import { openPlace } from "./ledger/place.ts";
import { recycleWal } from "./ledger/recycle-wal.ts";
import { openRowLock, type RowLock } from "./ledger/row-lock.ts";
import { measureProof } from "./ledger/proof.ts";
import { measureStart } from "./ledger/start.ts";
import { fillStorage, readStorage } from "./ledger/storage.ts";
import { verify } from "./ledger/verify.ts";
import { measureWire, WIRE } from "./ledger/wire.ts";
import { type Report, type Row, row } from "./report.ts";
import { inTurn } from "./rounds.ts";

/** How many transfers are made for the measure of what they take, and how often proofs and starts
 * are made. */
const [STORED, PROOFS, STARTS] = [1_000_000, 2, 3];

/** How often each case is measured, and for how long. */
const usual = { rounds: 5, ms: 3000 };

/**
 * Measures durable transfers a second of the real writer, in process and sealed meanwhile, against a
 * function that locks rows in the same database; then the same over gRPC, and how long proofs and
 * starts take. Throws when the books do not add up.
 */
export async function bench({ rounds, ms } = usual): Promise<Report> {
  await using place = await openPlace();
  await recycleWal(place.billingUrl);
  const log = createLog({ name: "bench", level: "error" });
  await using ledger = await openLedger(place.billingUrl, log);
  const events = await measureEvents({ place, ledger, log, rounds, ms });
  await using rowLock = await openRowLock(place.billingUrl);
  const byPgbench = pgbench(place.billingUrl, rowLock, ms);
  const cases = [...ledgerCases(ledger, rowLock, ms), ...byPgbench.cases];
  const inProcess = await inTurn(cases, rounds);
  const locked = rowLock.acknowledged() + byPgbench.acknowledged();
  await verify(place.billingUrl, ledger.acknowledged(), locked);
  await fillStorage(ledger, STORED);
  const proof = await measureProof(place.billingUrl, PROOFS);
  const { bytes } = await readStorage(place.billingUrl);
  const start = await measureStart({ url: place.startedUrl, log, rounds: STARTS });
  const wire = await measureWire({ rounds, ms });
  const found = { ...events, ...inProcess, ...wire, ...proof.found, ...start, storage: [bytes] };
  return {
    bench: "ledger",
    input: `${describe(place.durability, rowLock, ms)}; proofs: of ${proof.transfers} transfers`,
    rows: toRows(found),
  };
}

function describe(durability: string, { connections }: RowLock, ms: number): string {
  return (
    `${durability}, its log in files that were used before; ${accountIds.length} accounts that may not be overdrawn, random ids, ` +
    `${ms / 1000} s a run; batches in flight: ${BATCHES_IN_FLIGHT[1000]} of 1000, ` +
    `${BATCHES_IN_FLIGHT[100]} of 100; open loop: ${UNARY_PER_SECOND} single transfers a second; ` +
    `events: of ${EVENTFUL_PER_SECOND} transfers a second in batches of 1000; ` +
    `gRPC: billing in a process of its own, ${WIRE.inFlight} calls of ${WIRE.batch} in flight; ` +
    `row lock: one transfer a call over ${connections} connections, by this process and by pgbench`
  );
}

function toRows(found: Readonly<Record<string, readonly number[]>>): Row[] {
  const rate = (name: string, baseline?: Row) => row(name, "transfers/s", found[name]!, baseline);
  const time = (name: string) => row(name, "ms", found[name]!);
  const [uniform, hot] = [rate("row lock uniform"), rate("row lock hot")];
  return [
    rate("batch 1000 uniform", uniform),
    rate("batch 1000 zipf", uniform),
    rate("batch 1000 hot", hot),
    rate("batch 100 uniform", uniform),
    time("batch 100 uniform, p99"),
    rate("batch 100 hot", hot),
    uniform,
    ...(found["row lock by pgbench"] === undefined ? [] : [rate("row lock by pgbench")]),
    hot,
    time("row lock hot, p99"),
    row("two-phase pairs", "pairs/s", found["two-phase pairs"]!),
    rate("unary open loop"),
    time("unary open loop, p50"),
    time("unary open loop, p99"),
    rate("gRPC batch 500"),
    time("gRPC batch 500, p99"),
    ...["paced", "flat out"].flatMap((how) => [
      rate(`ledger, ${how}`),
      rate(`events published, ${how}`),
      rate(`events consumed, ${how}`),
      time(`relay lag p99, ${how}`),
    ]),
    row("audit of 1M", "s", found["audit of 1M"]!),
    row("verify of 1M", "s", found["verify of 1M"]!),
    row("start with 1M accounts", "s", found["start, seconds"]!),
    row("start with 1M accounts and 100k holds", "s", found["start with holds, seconds"]!),
    row("storage of a transfer", "B", found["storage"]!),
  ];
}
