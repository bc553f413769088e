import { derivedId } from "#mesh/ids.ts";
import type { OrderId } from "../domain/command.ts";

/**
 * The id of the order that an account asks for under a key, by a method: a retry has the same id,
 * and keys of other accounts or methods never meet.
 */
export function orderIdOf(scope: Scope, accountId: string, key: string): OrderId {
  return derivedId(`order/${scope}/${accountId}/${key}`);
}

/** What asks for orders; each leg of a pair has its own. */
type Scope =
  | "PlaceOrder"
  | "PlaceOrders"
  | "LinkedLimit"
  | "LinkedStop"
  | "ReplaceOrder"
  | "Trigger";
