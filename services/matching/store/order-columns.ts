import { toArray, toBytesArray, toTextArray } from "./arrays.ts";
import type { OrderRow, OrderTerms } from "./result-rows.ts";

/** What engine_changed_orders takes, in its order. */
export function changedOrderColumns(rows: readonly OrderRow[]): string[] {
  return [
    toArray(rows, (row) => row.id),
    toArray(rows, (row) => row.state ?? "null"),
    toArray(rows, (row) => row.price),
    toArray(rows, (row) => row.reservePrice),
    toArray(rows, (row) => row.stopPrice),
    toArray(rows, (row) => row.lots),
    toArray(rows, (row) => row.remaining),
    toArray(rows, (row) => row.filledLots),
    toArray(rows, (row) => row.filledUnits),
    toArray(rows, (row) => row.takerLots),
    toArray(rows, (row) => row.takerUnits),
    toArray(rows, (row) => row.preventedLots),
    toArray(rows, (row) => row.holdStep),
    toArray(rows, (row) => row.releases),
    toArray(rows, (row) => row.seq),
    toArray(rows, (row) => row.updatedMs),
    toArray(rows, (row) => row.feeMinor),
    toArray(rows, (row) => row.heldMinor),
    toTextArray(rows, (row) => row.reason),
  ];
}

/** What engine_new_orders takes, in its order. */
export function newOrderColumns(rows: readonly OrderRow[]): string[] {
  const terms = rows.map((row) => row.terms!);
  return [...changedOrderColumns(rows), ...termsColumns(terms)];
}

function termsColumns(rows: readonly OrderTerms[]): string[] {
  return [
    toArray(rows, (row) => row.owner),
    toTextArray(rows, (row) => row.market),
    toTextArray(rows, (row) => row.clientOrderId),
    toBytesArray(rows, (row) => row.requestHash),
    toArray(rows, (row) => row.hold),
    toArray(rows, (row) => row.linked ?? "null"),
    toArray(rows, (row) => row.triggerId ?? "null"),
    toArray(rows, (row) => row.place),
    toArray(rows, (row) => row.createdMs),
    toArray(rows, (row) => row.expireMs),
    toArray(rows, (row) => row.limitUnits),
    toArray(rows, (row) => row.visibleLots),
    toArray(rows, (row) => row.rates.maker.perLot),
    toArray(rows, (row) => row.rates.taker.perLot),
    toArray(rows, (row) => row.rates.maker.ppm),
    toArray(rows, (row) => row.rates.taker.ppm),
    toArray(rows, (row) => row.side),
    toArray(rows, (row) => row.type),
    toArray(rows, (row) => row.timeInForce),
    toArray(rows, (row) => row.stp),
    toArray(rows, (row) => String(row.isPostOnly)),
    toArray(rows, (row) => row.quoteMinor),
  ];
}
