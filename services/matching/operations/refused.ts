import type { ConnectError } from "@connectrpc/connect";
import { uuidOf } from "#mesh/ids.ts";
import type { OrderId } from "../domain/command.ts";
import type { Refusal } from "../domain/event.ts";
import { fail } from "../errors.ts";

/** What an order is called in the error of a refusal. */
export type Named = {
  readonly id: OrderId;
  readonly market: string;
  readonly clientOrderId?: string | undefined;
};

/** The error of a refusal, with what its sentence names. */
export function refused(
  reason: Refusal | "ORDER_ID_RELEASED",
  { id, market, clientOrderId = "" }: Named,
): ConnectError {
  switch (reason) {
    case "UNKNOWN_MARKET":
      return fail("MARKET_NOT_FOUND", { market });
    case "DUPLICATE_CLIENT_ORDER_ID":
      return fail(reason, { market, client_order_id: clientOrderId });
    case "DUPLICATE_ORDER":
      return fail(reason, { order_id: uuidOf(id) });
    case "UNKNOWN_ORDER": // the same for those of others (BOOK-3)
    case "ORDER_ID_RELEASED":
      return fail(reason);
    default:
      return fail(reason, { market });
  }
}
