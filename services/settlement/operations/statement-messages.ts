import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  StatementDifference_Kind,
  type StatementDifferenceSchema,
  type StatementSchema,
} from "#gen/mizan/settlement/v1/reconciliation_pb.ts";
import { fromMinor } from "#mesh/money.ts";
import { currency } from "../domain/currency.ts";
import type { DifferenceKind, StoredDifference } from "../store/differences.ts";
import type { StoredStatement } from "../store/statements.ts";

/** A statement as the wire shows it. */
export function toStatement(one: StoredStatement): MessageInitShape<typeof StatementSchema> {
  const { id, provider, day, lineCount, openLineCount, missingCount, createdAt } = one;
  return {
    id,
    provider,
    statementDate: day,
    lineCount,
    matchedCount: lineCount - openLineCount,
    differenceCount: openLineCount + missingCount,
    createTime: timestampFromDate(createdAt),
  };
}

/** A difference as the wire shows it. */
export function toDifference(
  one: StoredDifference,
): MessageInitShape<typeof StatementDifferenceSchema> {
  const { statementId, provider, kind, reference, isIncoming, isSettled } = one;
  return {
    id: String(one.id),
    statementId,
    provider,
    kind: StatementDifference_Kind[kind],
    payoutId: one.payoutId ?? "",
    lineId: one.lineId ?? "",
    reference,
    ...(one.ourMinor !== null && { ourAmount: money(one.ourMinor) }),
    ...(one.statementMinor !== null && { statementAmount: money(one.statementMinor) }),
    isIncoming,
    isSettled,
    createTime: timestampFromDate(one.createdAt),
  };
}

/** The kind that a list is to have; undefined for all. */
export function fromKind(kind: StatementDifference_Kind): DifferenceKind | undefined {
  return kinds.find((name) => StatementDifference_Kind[name] === kind);
}

const kinds: readonly DifferenceKind[] = ["MISSING", "EXTRA", "AMOUNT_DIFFERS"];

function money(minor: bigint) {
  return { asset: currency.asset, amount: fromMinor(minor, currency.scale) };
}
