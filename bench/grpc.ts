import { authority } from "#mesh/testing/certificates.ts";
import { adapterWire } from "./grpc/adapter.ts";
import { guardedService } from "./grpc/guarded.ts";
import { BATCH_SIZE } from "./grpc/messages.ts";
import { rawWire } from "./grpc/raw.ts";
import { type Report, type Row, row } from "./report.ts";
import { type Case, inTurn } from "./rounds.ts";

/** How often each case is measured, and how much is sent each time. */
const usual = { rounds: 7, calls: 4000, batches: 1500 };

const inFlight = 64;

/**
 * Compares our adapter on both sides with grpc-js alone, over mTLS, in one process. Beside it, what
 * the interceptors of a service add to that, and what a call costs outside.
 */
export async function bench({ rounds, calls, batches } = usual): Promise<Report> {
  const { issue } = await authority();
  const [billing, core] = [await issue("billing"), await issue("core")];
  await using raw = await rawWire(core, billing);
  await using ours = await adapterWire(core, billing);
  await using guarded = await guardedService();
  const transfers = batches * BATCH_SIZE;
  const found = await inTurn(
    [
      called("grpc-js alone, unary", calls, raw.call),
      called("unary", calls, ours.call),
      called("unary with interceptors", calls, guarded.inside),
      called("Connect JSON over HTTP/1.1", calls, guarded.outside),
      counted("grpc-js alone, stream", transfers, async () => raw.stream(batches)),
      counted("stream of batches", transfers, async () => ours.stream(batches)),
    ],
    rounds,
  );
  return {
    bench: "grpc",
    input:
      `mTLS on loopback, client and server in one process, CPU of both together; unary: ${calls} ` +
      `calls a run, ${inFlight} in flight; stream: ${batches} batches of ${BATCH_SIZE} transfers a run`,
    rows: toRows(found),
  };
}

function toRows(found: Readonly<Record<string, readonly number[]>>): Row[] {
  const calls = (name: string, baseline?: Row) => row(name, "calls/s", found[name]!, baseline);
  const cpu = (name: string, baseline?: Row) => {
    return row(`${name}, CPU of a call`, "µs", found[cpuOf(name)]!, baseline);
  };
  const raw = calls("grpc-js alone, unary");
  const rawCpu = cpu("grpc-js alone, unary");
  const unary = calls("unary", raw);
  const unaryCpu = cpu("unary", rawCpu);
  const stream = row("grpc-js alone, stream", "transfers/s", found["grpc-js alone, stream"]!);
  return [
    unary,
    raw,
    row("stream of batches", "transfers/s", found["stream of batches"]!, stream),
    stream,
    calls("unary with interceptors", unary),
    calls("Connect JSON over HTTP/1.1", unary),
    unaryCpu,
    rawCpu,
    cpu("unary with interceptors", unaryCpu),
    cpu("Connect JSON over HTTP/1.1", unaryCpu),
  ];
}

function called(name: string, calls: number, call: () => Promise<unknown>): Case {
  return counted(name, calls, async () => {
    let left = calls;
    const worker = async () => {
      while (left-- > 0) await call();
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
  });
}

/** Things a second, and the CPU time of each in microseconds. */
function counted(name: string, count: number, run: () => Promise<void>): Case {
  return async () => {
    const [startMs, before] = [performance.now(), process.cpuUsage()];
    await run();
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - startMs) / 1000;
    return { [name]: count / seconds, [cpuOf(name)]: (user + system) / count };
  };
}

function cpuOf(name: string): string {
  return `${name}, CPU`;
}
