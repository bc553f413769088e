import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { create } from "@bufbuild/protobuf";
import { createClient, type ServiceImpl } from "@connectrpc/connect";
import { Client, Server } from "@grpc/grpc-js";
import {
  type CreateTransfersRequest,
  CreateTransfersRequestSchema,
  CreateTransfersResponseSchema,
} from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { TransferStatus } from "#gen/mizan/billing/v1/transfer_pb.ts";
import {
  GetBalanceRequestSchema,
  GetBalanceResponseSchema,
  WalletService,
} from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { methodDefinition } from "#mesh/grpc/definition.ts";
import { addService } from "#mesh/grpc/serve.ts";
import { GrpcTransport } from "#mesh/grpc/transport.ts";
import { authority } from "#mesh/testing/certificates.ts";
import { listen } from "#mesh/testing/wires.ts";
import { toChannelCredentials } from "#mesh/tls.ts";
import { BatchService } from "./batch-service.ts";
import { type Report, row } from "./report.ts";

const rounds = 7;
const calls = 4000;
const inFlight = 64;
const batches = 1500;
const batchSize = 100;

/** Compares our adapter on both sides with grpc-js alone, over mTLS, in one process. */
export async function bench(): Promise<Report> {
  const { issue } = await authority();
  const [billing, core] = [await issue("billing"), await issue("core")];
  await using raw = await listen(rawServer(), billing);
  await using ours = await listen(ourServer(), billing);
  const credentials = toChannelCredentials(core, "billing");
  const rawClient = new Client(raw.address, credentials);
  using transport = new GrpcTransport(ours.address, credentials);
  const wallet = createClient(WalletService, transport);
  const batch = createClient(BatchService, transport);
  const cases: Record<string, () => Promise<number>> = {
    rawUnary: () => unary(() => rawUnary(rawClient)),
    unary: () => unary(() => wallet.getBalance({ asset: "USDT" })),
    rawStream: () => timed(batches * batchSize, () => rawStream(rawClient)),
    stream: () => timed(batches * batchSize, () => drain(batch.stream(requests()))),
  };
  const found = await interleaved(cases);
  rawClient.close();
  const baseline = row("grpc-js alone, unary", "calls/s", found["rawUnary"]!);
  const streamed = row("grpc-js alone, stream", "transfers/s", found["rawStream"]!);
  return {
    bench: "grpc",
    input:
      `mTLS on loopback, client and server in one process; unary: ${calls} calls a run, ` +
      `${inFlight} in flight; stream: ${batches} batches of ${batchSize} transfers a run`,
    rows: [
      row("unary", "calls/s", found["unary"]!, baseline),
      baseline,
      row("stream of batches", "transfers/s", found["stream"]!, streamed),
      streamed,
    ],
  };
}

/** Runs the cases in turn, several times over, so that a slow moment of the machine hits all. */
async function interleaved(
  cases: Record<string, () => Promise<number>>,
): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(cases)) {
      const perSecond = await run();
      if (round > 0) (found[name] ??= []).push(perSecond); // the first round warms up
    }
  }
  return found;
}

/** Calls per second with a fixed number of calls in flight. */
function unary(call: () => Promise<unknown>): Promise<number> {
  let left = calls;
  const worker = async () => {
    while (left-- > 0) await call();
  };
  return timed(calls, () => Promise.all(Array.from({ length: inFlight }, worker)));
}

async function timed(count: number, run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return (count / (performance.now() - start)) * 1000;
}

const balance = { asset: "USDT", amount: "100.000000" };
const answer = create(GetBalanceResponseSchema, { balance: { available: balance } });
const question = create(GetBalanceRequestSchema, { asset: "USDT" });
const transferBatch = create(CreateTransfersRequestSchema, {
  requestId: "bench",
  transfers: Array.from({ length: batchSize }, () => ({
    id: randomBytes(16),
    debitAccountId: randomBytes(16),
    creditAccountId: randomBytes(16),
    asset: "USDT",
    amount: "12.50",
    code: 1,
  })),
});
const resultBatch = create(CreateTransfersResponseSchema, {
  results: transferBatch.transfers.map(({ id, debitAccountId, creditAccountId }, index) => ({
    index,
    status: TransferStatus.CREATED,
    transfer: { id, debitAccountId, creditAccountId, asset: "USDT", amount: "12.500000" },
  })),
});

const wallets: Partial<ServiceImpl<typeof WalletService>> = { getBalance: () => answer };
const streams: ServiceImpl<typeof BatchService> = {
  async *stream(batchesIn) {
    for await (const batch of batchesIn) if (batch.transfers.length > 0) yield resultBatch;
  },
};

function ourServer(): Server {
  const server = new Server();
  addService(server, WalletService, wallets);
  addService(server, BatchService, streams);
  return server;
}

/** The same two methods with nothing of ours but the generated messages. */
function rawServer(): Server {
  const server = new Server();
  const [getBalance, stream] = [unaryDefinition, streamDefinition];
  server.addService(
    { getBalance, stream },
    {
      getBalance: (_call: unknown, callback: (error: null, value: unknown) => void) =>
        callback(null, answer),
      stream: (call: NodeJS.ReadWriteStream) => {
        call.on("data", () => {
          if (!call.write(resultBatch as never)) {
            call.pause();
            call.once("drain", () => call.resume());
          }
        });
        call.on("end", () => call.end());
      },
    },
  );
  return server;
}

const unaryDefinition = methodDefinition(WalletService.method.getBalance);
const streamDefinition = methodDefinition(BatchService.method.stream);

function rawUnary(client: Client): Promise<unknown> {
  const { path, requestSerialize, responseDeserialize } = unaryDefinition;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, question, (error, value) =>
      error === null ? resolve(value) : reject(error),
    );
  });
}

async function rawStream(client: Client): Promise<void> {
  const { path, requestSerialize, responseDeserialize } = streamDefinition;
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  const ended = once(call, "end");
  call.resume();
  for (let sent = 0; sent < batches; sent++) {
    if (!call.write(transferBatch)) await once(call, "drain");
  }
  call.end();
  await ended;
}

async function* requests(): AsyncIterable<CreateTransfersRequest> {
  for (let sent = 0; sent < batches; sent++) yield transferBatch;
}

async function drain(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages);
}
