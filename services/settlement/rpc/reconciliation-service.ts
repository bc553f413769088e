import type { ServiceImpl } from "@connectrpc/connect";
import type { ReconciliationService } from "#gen/mizan/settlement/v1/reconciliation_service_pb.ts";
import type { Settlement } from "../context.ts";
import { importStatement } from "../operations/import-statement.ts";
import { listStatementDifferences } from "../operations/list-statement-differences.ts";
import { listStatements } from "../operations/list-statements.ts";
import { fromKind, toDifference, toStatement } from "../operations/statement-messages.ts";

/** Compares what banks say with what we have paid. */
export const reconciliationService = (
  settlement: Settlement,
): ServiceImpl<typeof ReconciliationService> => ({
  importStatement: async (request, call) => importStatement(settlement, request, call),
  listStatements: async (request) => {
    const { statements, nextPageToken } = await listStatements(settlement, request);
    return { statements: statements.map(toStatement), nextPageToken };
  },
  listStatementDifferences: async (request) => {
    const { provider, kind, statementId, showSettled } = request;
    const filter = {
      provider: provider || undefined,
      kind: fromKind(kind),
      statementId: statementId || undefined,
      showSettled,
    };
    const found = await listStatementDifferences(settlement, filter, request);
    const { differences, nextPageToken } = found;
    return { differences: differences.map(toDifference), nextPageToken };
  },
});
