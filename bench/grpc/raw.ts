import { once } from "node:events";
import { Client, Server } from "@grpc/grpc-js";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { methodDefinition } from "#mesh/grpc/definition.ts";
import { listen } from "#mesh/testing/wires.ts";
import { type Identity, toChannelCredentials } from "#mesh/tls.ts";
import { BatchService } from "./batch-service.ts";
import { answer, question, resultBatch, transferBatch } from "./messages.ts";
import type { Wire } from "./wire.ts";

/** grpc-js on both sides with nothing of ours but the generated messages: the baseline. */
export async function rawWire(core: Identity, billing: Identity): Promise<Wire> {
  const server = await listen(rawServer(), billing);
  const client = new Client(server.address, toChannelCredentials(core, "billing"));
  const close = async () => {
    client.close();
    await server[Symbol.asyncDispose]();
  };
  return {
    call: async () => call(client),
    stream: async (batches) => stream(client, batches),
    [Symbol.asyncDispose]: close,
  };
}

const unary = methodDefinition(WalletService.method.listBalances);
const batched = methodDefinition(BatchService.method.stream);

function rawServer(): Server {
  const server = new Server();
  server.addService(
    { unary, batched },
    {
      unary: (_call: unknown, callback: (error: null, value: unknown) => void) =>
        callback(null, answer),
      batched: (duplex: NodeJS.ReadWriteStream) => {
        duplex.on("data", () => {
          if (!duplex.write(resultBatch as never)) {
            duplex.pause();
            duplex.once("drain", () => duplex.resume());
          }
        });
        duplex.on("end", () => duplex.end());
      },
    },
  );
  return server;
}

async function call(client: Client): Promise<unknown> {
  const { path, requestSerialize, responseDeserialize } = unary;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, question, (error, value) =>
      error === null ? resolve(value) : reject(error),
    );
  });
}

async function stream(client: Client, batches: number): Promise<void> {
  const { path, requestSerialize, responseDeserialize } = batched;
  const duplex = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  const ended = once(duplex, "end");
  duplex.resume();
  for (let sent = 0; sent < batches; sent++) {
    if (!duplex.write(transferBatch)) await once(duplex, "drain");
  }
  duplex.end();
  await ended;
}
