import { createClient } from "@connectrpc/connect";
import { Server } from "@grpc/grpc-js";
import type { CreateTransfersRequest } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { addService } from "#mesh/grpc/serve.ts";
import { GrpcTransport } from "#mesh/grpc/transport.ts";
import { listen } from "#mesh/testing/wires.ts";
import { type Identity, toChannelCredentials } from "#mesh/tls.ts";
import { BatchService } from "./batch-service.ts";
import { question, streams, transferBatch, wallets } from "./messages.ts";
import type { Wire } from "./wire.ts";

/** Our adapter on both sides, without interceptors. */
export async function adapterWire(core: Identity, billing: Identity): Promise<Wire> {
  const server = new Server();
  addService(server, WalletService, wallets);
  addService(server, BatchService, streams);
  const ours = await listen(server, billing);
  const transport = new GrpcTransport(ours.address, toChannelCredentials(core, "billing"));
  const wallet = createClient(WalletService, transport);
  const batch = createClient(BatchService, transport);
  const close = async () => {
    transport[Symbol.dispose]();
    await ours[Symbol.asyncDispose]();
  };
  return {
    call: async () => wallet.listBalances(question),
    stream: async (batches) => drain(batch.stream(requests(batches))),
    [Symbol.asyncDispose]: close,
  };
}

async function* requests(batches: number): AsyncIterable<CreateTransfersRequest> {
  for (let sent = 0; sent < batches; sent++) yield transferBatch;
}

async function drain(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages);
}
