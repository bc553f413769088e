import {
  AssetCreatedSchema,
  AuditFinishedSchema,
  BalanceCrossedSchema,
} from "#gen/mizan/billing/v1/events_pb.ts";
import { consumer } from "#mesh/events/consumer.ts";
import { tellOfAsset, tellOfAudit, tellOfBalance } from "../operations/tell-of-ledger.ts";

/** Tells administrators of balances that have crossed the bound of a monitor. */
export const crossedBalances = consumer(BalanceCrossedSchema, "crossed-balances", tellOfBalance);

/** Tells administrators of new assets. */
export const newAssets = consumer(AssetCreatedSchema, "new-assets", tellOfAsset);

/** Tells administrators of audits that have failed. */
export const failedAudits = consumer(AuditFinishedSchema, "failed-audits", tellOfAudit);
