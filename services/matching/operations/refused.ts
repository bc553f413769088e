import type { ConnectError } from "@connectrpc/connect";
import { uuidOf } from "#mesh/ids.ts";
import type { OrderId } from "../domain/command.ts";
import { aboutFields, type FieldProblem, sayProblems } from "#mesh/field-problems.ts";
import type { Refusal } from "../domain/event.ts";
import { fail } from "../errors.ts";

/** What an order is called in the error of a refusal. */
export type Named = {
  readonly id: OrderId;
  readonly market: string;
  readonly clientOrderId?: string | undefined;
  /** Which fields of its request a refusal is about. */
  readonly problems?: readonly FieldProblem[];
};

/** The error of a refusal, with what its sentence names. */
export function refused(
  reason: Refusal | "ORDER_ID_RELEASED",
  { id, market, clientOrderId = "", problems = [] }: Named,
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
    case "INVALID_COMBINATION":
    case "PRICE_TICK":
    case "QTY_STEP":
      return wrongFields(reason, problems, market);
    default:
      return fail(reason, { market });
  }
}

/** The error of values that don't fit each other, or the steps of a market, with their fields. */
export function wrongFields(
  reason: "INVALID_COMBINATION" | "PRICE_TICK" | "QTY_STEP",
  problems: readonly FieldProblem[],
  market = "",
): ConnectError {
  const said = problems.length > 0 ? problems : [usual[reason]];
  const violations = sayProblems(said);
  const values = reason === "INVALID_COMBINATION" ? { violations } : { market, violations };
  return aboutFields(fail(reason, values), said);
}

/** What is wrong with a change that the books refuse. */
const usual = {
  INVALID_COMBINATION: { field: "order_id", problem: "names an order that can't be changed so" },
  PRICE_TICK: { field: "price", problem: "must be a whole number of ticks" },
  QTY_STEP: { field: "size", problem: "must be a whole number of the steps of the market" },
} as const;
