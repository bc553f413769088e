import type { ServiceImpl } from "@connectrpc/connect";
import type { OrderService } from "#gen/mizan/matching/v1/order_service_pb.ts";
import type { OrderMeans } from "../operations/order-means.ts";
import { changing } from "./changing.ts";
import { placing } from "./placing.ts";
import { reading } from "./reading.ts";

/** Takes orders, changes and ends them, and shows them to their owners. */
export const orderService = (means: OrderMeans): ServiceImpl<typeof OrderService> => ({
  ...placing(means),
  ...changing(means),
  ...reading(means),
});
