import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { AssetService } from "#gen/mizan/billing/v1/asset_service_pb.ts";
import { AuditService } from "#gen/mizan/billing/v1/audit_service_pb.ts";
import { CreditService } from "#gen/mizan/billing/v1/credit_service_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { NotificationService } from "#gen/mizan/core/v1/notification_service_pb.ts";
import { MerchantService } from "#gen/mizan/core/v1/merchant_service_pb.ts";
import { RequestLogService } from "#gen/mizan/core/v1/request_log_service_pb.ts";
import { UserService } from "#gen/mizan/core/v1/user_service_pb.ts";
import { WithdrawalService } from "#gen/mizan/core/v1/withdrawal_service_pb.ts";
import { MarketAdminService } from "#gen/mizan/matching/v1/market_admin_service_pb.ts";
import { MarketService } from "#gen/mizan/matching/v1/market_service_pb.ts";
import { OrderService } from "#gen/mizan/matching/v1/order_service_pb.ts";
import { TriggerService } from "#gen/mizan/matching/v1/trigger_service_pb.ts";
import { PayoutService } from "#gen/mizan/settlement/v1/payout_service_pb.ts";
import { ReconciliationService } from "#gen/mizan/settlement/v1/reconciliation_service_pb.ts";
import { MessageService } from "#gen/mizan/sms/v1/message_service_pb.ts";

/** What somebody outside can call: JSON over HTTP, through the router. */
export type Outside = {
  readonly users: Client<typeof UserService>;
  readonly wallet: Client<typeof WalletService>;
  readonly credit: Client<typeof CreditService>;
  readonly audits: Client<typeof AuditService>;
  readonly notifications: Client<typeof NotificationService>;
  readonly messages: Client<typeof MessageService>;
  readonly merchants: Client<typeof MerchantService>;
  readonly withdrawals: Client<typeof WithdrawalService>;
  readonly requestLogs: Client<typeof RequestLogService>;
  readonly assets: Client<typeof AssetService>;
  readonly markets: Client<typeof MarketService>;
  readonly marketAdmin: Client<typeof MarketAdminService>;
  readonly orders: Client<typeof OrderService>;
  readonly triggers: Client<typeof TriggerService>;
  readonly payouts: Client<typeof PayoutService>;
  readonly reconciliation: Client<typeof ReconciliationService>;
};

/** Makes the clients of somebody outside; signed in when the access token is given. */
export function outside(origin: string, accessToken?: string): Outside {
  const transport = createConnectTransport({
    baseUrl: origin,
    httpVersion: "1.1",
    useBinaryFormat: false,
    useHttpGet: true,
    interceptors: accessToken === undefined ? [] : [bearer(accessToken)],
  });
  return {
    users: createClient(UserService, transport),
    wallet: createClient(WalletService, transport),
    credit: createClient(CreditService, transport),
    audits: createClient(AuditService, transport),
    notifications: createClient(NotificationService, transport),
    messages: createClient(MessageService, transport),
    merchants: createClient(MerchantService, transport),
    withdrawals: createClient(WithdrawalService, transport),
    requestLogs: createClient(RequestLogService, transport),
    assets: createClient(AssetService, transport),
    markets: createClient(MarketService, transport),
    marketAdmin: createClient(MarketAdminService, transport),
    orders: createClient(OrderService, transport),
    triggers: createClient(TriggerService, transport),
    payouts: createClient(PayoutService, transport),
    reconciliation: createClient(ReconciliationService, transport),
  };
}

function bearer(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
}
