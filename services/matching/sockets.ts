import { toJson } from "@bufbuild/protobuf";
import { WatchOrdersResponseSchema } from "#gen/mizan/matching/v1/order_service_pb.ts";
import type { SocketEndpoint } from "#mesh/edge/sockets.ts";
import type { Feeding } from "./context.ts";
import type { Notices } from "./feed/notices.ts";
import { textOf } from "./feed/told.ts";
import type { Watch } from "./operations/follow.ts";
import type { OrderMeans } from "./operations/order-means.ts";
import { watchOrders } from "./operations/watch-orders.ts";
import { createChannels, type OwnOrders } from "./sockets/channels.ts";
import { openSession, type SessionMeans } from "./sockets/session.ts";

/** What clients are shown over WebSocket. */
export type SocketsMeans = OrderMeans &
  Feeding &
  Pick<SessionMeans, "personOf"> & { readonly notices: Notices };

/** Lets clients follow the markets over WebSocket, and after an auth what is their own. */
export function sockets(means: SocketsMeans): readonly SocketEndpoint[] {
  const ordersOf = async function* ordersOf(wanted: OwnOrders, watch: Watch) {
    const { market } = wanted;
    const topic = { channel: "orders", ...(market !== "" && { market }) };
    for await (const orders of watchOrders(means, wanted, watch)) {
      yield { text: textOf(topic, toJson(WatchOrdersResponseSchema, orders)) };
    }
  };
  const session = { ...means, channels: createChannels({ ...means, ordersOf }) };
  return [{ path: "/ws", open: (client) => openSession(session, client) }];
}
