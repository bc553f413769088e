// The baseline as a process of its own: the same methods on the same edge, gRPC with mutual TLS and
// the whole chain of interceptors, with one transaction an order.
import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { Pool } from "pg";
import { Order_State, Side } from "#gen/mizan/matching/v1/order_pb.ts";
import {
  type NewOrder,
  OrderService,
  type PlaceOrdersRequest,
} from "#gen/mizan/matching/v1/order_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import type { Admission } from "#mesh/admission/admission.ts";
import { startGrpcServer } from "#mesh/grpc/server.ts";
import { newId } from "#mesh/ids.ts";
import { openIdentity } from "#mesh/identity.ts";
import { serverChain } from "#mesh/interceptors/chain.ts";
import { createLog } from "#mesh/log.ts";
import { toMinor } from "#mesh/money.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { createVerifier } from "#mesh/token-verifier.ts";

const CONNECTIONS = 16;

const { env } = process;
const log = createLog({ name: "classic", level: "error" });
const db = new Pool({ connectionString: env["DATABASE_URL"], max: CONNECTIONS });

/** Prices have four decimals here, and sizes two. */
async function place(userId: string, key: string, order: NewOrder | undefined) {
  const { side, price, size } = order!;
  const [id, lots] = [newId(), toMinor(size, 2)];
  const values = [id, userId, side === Side.BUY, toMinor(price, 4), lots, key];
  const { rows } = await db.query<{ open: string | null }>(call, values);
  const left = rows[0]?.open;
  if (left === undefined || left === null) throw new Error("the baseline has refused an order");
  const state = left === "0" ? Order_State.FILLED : Order_State.NEW;
  return { id, userId, side, price, size, state, sequence: 1n };
}

const call = "select classic.place($1, $2, $3, $4, $5, $6)::text as open";

const orders: Partial<ServiceImpl<typeof OrderService>> = {
  placeOrder: async ({ requestId, order }, { values }) => ({
    order: await place(personOf(values).id, requestId, order),
  }),
  async *placeOrders(requests: AsyncIterable<PlaceOrdersRequest>, { values }) {
    const { id } = personOf(values);
    for await (const { batch, items } of requests) {
      const placed = items.map(async ({ requestId, action }) => ({
        order: await place(id, requestId, action.case === "place" ? action.value : undefined),
      }));
      yield { batch, results: await Promise.all(placed) };
    }
  },
};

/** Everybody may come in: the line is that of the pool. */
const admission: Admission = {
  enter: () => undefined,
  leave: () => {},
  state: () => ({ limit: 0, running: 0, waiting: 0, refused: 0 }),
};

const identity = openIdentity({ folder: env["CERTS"]!, service: "matching", log });
const implementation = orders as Partial<ServiceImpl<DescService>>;
const server = await startGrpcServer({
  host: "127.0.0.1",
  port: Number(env["PORT"]),
  identity,
  contract: [{ service: OrderService, implementation }],
  interceptors: serverChain({
    gate: {
      service: "matching",
      verifier: createVerifier(env["CERTS"]!),
      isDenied: identity.isDenied,
    },
    log,
    telemetry: createTelemetry("classic"),
    admission,
  }),
  hasReflection: false,
});
server.setServing(true);
process.on("SIGTERM", () => process.exit(0));
