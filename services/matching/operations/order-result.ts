import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import { type OrderResult, OrderResultSchema } from "#gen/mizan/matching/v1/order_service_pb.ts";
import { MAX_SHOWN_FILLS } from "#mesh/limits.ts";
import type { Placed } from "./placed.ts";

/** What became of an item of a stream. */
export function toResult({ order, fills }: Pick<Placed, "order" | "fills">): OrderResult {
  return create(OrderResultSchema, { order, fills: fills.slice(0, MAX_SHOWN_FILLS.ofItem) });
}

/** Why an item of a stream was refused. */
export function toRefused(error: ConnectError): OrderResult {
  const detail = error.details.find((one) => "desc" in one && one.desc === ErrorInfoSchema);
  const info =
    detail !== undefined && "desc" in detail
      ? create(ErrorInfoSchema, detail.value)
      : (error.findDetails(ErrorInfoSchema)[0] ??
        create(ErrorInfoSchema, { reason: Code[error.code] }));
  return create(OrderResultSchema, { error: info, code: error.code });
}
