import { createClient, createRouterTransport } from "@connectrpc/connect";
import { afterAll, expect, test } from "vitest";
import { StatementDifference_Kind as Kind } from "#gen/mizan/settlement/v1/reconciliation_pb.ts";
import { ReconciliationService } from "#gen/mizan/settlement/v1/reconciliation_service_pb.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import {
  callWith,
  insertPayouts,
  referenceOf,
  testStatements,
} from "../testing/test-statements.ts";
import { testSettlement } from "../testing/test-settlement.ts";
import { reconciliationService } from "./reconciliation-service.ts";

const stack = new AsyncDisposableStack();
afterAll(async () => stack.disposeAsync());
const { db, banks } = stack.use(await testStatements());
const { settlement } = stack.use(await testSettlement());
const transport = createRouterTransport(
  ({ service }) =>
    service(ReconciliationService, reconciliationService({ ...settlement, db, banks })),
  {
    router: {
      interceptors: [
        (next) => async (request) => {
          request.contextValues.set(callKey, callWith().values.get(callKey));
          return next(request);
        },
      ],
    },
  },
);
const client = createClient(ReconciliationService, transport);

test("S13 a statement and what differs are shown in major units, by their names", async () => {
  const [p1, p2, p3] = [newId(), newId(), newId()] as const;
  await insertPayouts(db.sql, [
    { id: p1, amountMinor: 10_000n },
    { id: p2, amountMinor: 25_000n },
    { id: p3, amountMinor: 7500n },
  ]);
  const csv = [
    "line_id,direction,reference,amount,asset,booked_at",
    `L1,out,${referenceOf(p1)},100.00,IRR,2026-01-31T09:00:00Z`,
    `L2,out,${referenceOf(p2)},205.00,IRR,2026-01-31T09:00:00Z`,
    "L3,out,X9,40.00,IRR,2026-01-31T09:00:00Z",
  ].join("\r\n");
  const request = { requestId: newId(), provider: "bank", statementDate: "2026-01-31", csv };
  const { statement } = await client.importStatement(request);
  expect(statement).toMatchObject({ provider: "bank", statementDate: "2026-01-31", lineCount: 3 });
  expect(statement).toMatchObject({ matchedCount: 1, differenceCount: 3 });
  const { statements } = await client.listStatements({ provider: "bank" });
  expect(statements).toEqual([statement]);
  const find = async (kind: Kind) =>
    (await client.listStatementDifferences({ kind })).differences.map((one) => [
      one.payoutId,
      one.lineId,
      one.ourAmount?.amount,
      one.statementAmount?.amount,
    ]);
  expect(await find(Kind.MISSING)).toEqual([[p3, "", "75.00", undefined]]);
  expect(await find(Kind.AMOUNT_DIFFERS)).toEqual([[p2, "L2", "250.00", "205.00"]]);
  expect(await find(Kind.EXTRA)).toEqual([["", "L3", undefined, "40.00"]]);
  expect(await find(Kind.UNSPECIFIED)).toHaveLength(3);
});
