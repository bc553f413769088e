import { ApprovalService } from "#gen/mizan/billing/v1/approval_service_pb.ts";
import { AssetService } from "#gen/mizan/billing/v1/asset_service_pb.ts";
import { AuditService } from "#gen/mizan/billing/v1/audit_service_pb.ts";
import { CreditService } from "#gen/mizan/billing/v1/credit_service_pb.ts";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { OperationsService } from "#gen/mizan/billing/v1/operations_service_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { implemented } from "#mesh/service.ts";
import type { Billing } from "./context.ts";
import { approvalService } from "./rpc/approval-service.ts";
import { assetService } from "./rpc/asset-service.ts";
import { auditService } from "./rpc/audit-service.ts";
import { creditService } from "./rpc/credit-service.ts";
import { holdService } from "./rpc/hold-service.ts";
import { ledgerService } from "./rpc/ledger-service.ts";
import { operationsService } from "./rpc/operations-service.ts";
import { walletService } from "./rpc/wallet-service.ts";

/** What billing serves. */
export const contract = (billing: Billing) => [
  implemented(AssetService, assetService(billing)),
  implemented(LedgerService, ledgerService(billing)),
  implemented(HoldService, holdService(billing)),
  implemented(WalletService, walletService(billing)),
  implemented(CreditService, creditService(billing)),
  implemented(ApprovalService, approvalService(billing)),
  implemented(AuditService, auditService(billing)),
  implemented(OperationsService, operationsService(billing)),
];
