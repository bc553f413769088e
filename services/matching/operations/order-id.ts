import { derivedId } from "#mesh/ids.ts";
import type { OrderId } from "../domain/command.ts";

/**
 * The id of the order that an account asks for under a key, by a method: a retry has the same id,
 * and keys of other accounts or methods never meet.
 */
export function orderIdOf(
  scope: "PlaceOrder" | "PlaceOrders" | "PlaceLinkedOrders" | "ReplaceOrder" | "Trigger",
  accountId: string,
  key: string,
): OrderId {
  return derivedId(`order/${scope}/${accountId}/${key}`);
}
