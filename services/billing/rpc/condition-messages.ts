import {
  type Condition,
  Condition_Field,
  Condition_Operator,
  Condition_Side,
} from "#gen/mizan/billing/v1/transfer_pb.ts";
import type { Wish } from "../operations/create-transfers.ts";

/** Reads a condition; the numbers that mean nothing are refused before. */
export function fromCondition({ side, field, operator, amount }: Condition): Wish {
  return { side: sides[side]!, field: fields[field]!, op: operators[operator]!, amount };
}

const sides: Partial<Record<Condition_Side, Wish["side"]>> = {
  [Condition_Side.DEBIT]: "debit",
  [Condition_Side.CREDIT]: "credit",
};

const fields: Partial<Record<Condition_Field, Wish["field"]>> = {
  [Condition_Field.POSTED]: "posted",
  [Condition_Field.AVAILABLE]: "available",
  [Condition_Field.INCOMING]: "incoming",
};

const operators: Partial<Record<Condition_Operator, Wish["op"]>> = {
  [Condition_Operator.GT]: "gt",
  [Condition_Operator.GTE]: "gte",
  [Condition_Operator.EQ]: "eq",
  [Condition_Operator.LTE]: "lte",
  [Condition_Operator.LT]: "lt",
};
