import { derivedId, uuidOf } from "#mesh/ids.ts";

/** What people are told of. */
export type NotificationType =
  | "WELCOME"
  | "ACCOUNT_CHARGED"
  | "HOLD_CAPTURED"
  | "HOLD_RELEASED"
  | "AUDIT_FAILED"
  | "BALANCE_CROSSED"
  | "ASSET_CREATED"
  | "MERCHANT_REGISTERED"
  | "MERCHANT_APPROVED"
  | "MERCHANT_REJECTED"
  | "MERCHANT_SUSPENDED"
  | "MERCHANT_REINSTATED"
  | "CREDIT_LIMIT_CHANGED"
  | "REPAYMENT_RECORDED"
  | "WITHDRAWAL_SUCCEEDED"
  | "WITHDRAWAL_FAILED"
  | "WITHDRAWAL_RETURNED"
  | "PAYOUT_ALARM"
  | "TRIGGER_FIRED"
  | "TRIGGER_FAILED"
  | "MARKET_HALTED";

/** Something that a user is told. */
export type Notification = {
  readonly id: string;
  readonly personId: string;
  readonly type: NotificationType;
  /** The values of its sentence, by name. */
  readonly values: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
};

/** What several people are told, each once for a cause. */
export type News = Omit<Notification, "id" | "personId"> & {
  /** Names what has happened, such as the id of its event. */
  readonly cause: string;
};

/** What each of some people is told; the same news again are the same notifications. */
export function toEach(people: readonly string[], { cause, ...told }: News): Notification[] {
  return people.map((personId) => {
    const id = uuidOf(derivedId(`notification/${told.type}/${cause}/${personId}`));
    return { ...told, id, personId };
  });
}

/** The notification in a sentence; empty for one that a newer version of this service wrote (P5). */
export function textOf({ type, values }: Pick<Notification, "type" | "values">): string {
  const sentence = sentences.get(type) ?? "";
  return sentence.replaceAll(/\{(\w+)\}/g, (hole, name: string) => values[name] ?? hole).trimEnd();
}

const sentences: ReadonlyMap<string, string> = new Map<NotificationType, string>([
  ["WELCOME", "Welcome to Mizan."],
  ["ACCOUNT_CHARGED", "{amount} {asset} were added to your account."],
  ["HOLD_CAPTURED", "{amount} {asset} of the money held on your account were paid."],
  ["HOLD_RELEASED", "{amount} {asset} of the money held on your account are free again."],
  ["AUDIT_FAILED", "The audit {audit} of the ledger has found {count} discrepancies."],
  ["BALANCE_CROSSED", "{monitor}: {balance} {asset} is {side} the bound of {bound}."],
  ["ASSET_CREATED", "The ledger counts {asset} from now on, to {scale} decimals."],
  ["MERCHANT_REGISTERED", "The merchant {merchant} asks for a credit of {amount} {asset}."],
  ["MERCHANT_APPROVED", "You can withdraw up to {amount} {asset} from now on."],
  ["MERCHANT_REJECTED", "Your registration as a merchant was turned down. {reason}"],
  ["MERCHANT_SUSPENDED", "You can't withdraw for the time being. {reason}"],
  ["MERCHANT_REINSTATED", "You can withdraw again."],
  ["CREDIT_LIMIT_CHANGED", "The limit of your credit is {amount} {asset} from now on."],
  ["WITHDRAWAL_SUCCEEDED", "Your withdrawal of {amount} {asset} was paid."],
  ["WITHDRAWAL_FAILED", "Your withdrawal of {amount} {asset} was not paid: {reason}"],
  ["WITHDRAWAL_RETURNED", "The bank has sent your withdrawal of {amount} {asset} back."],
  ["PAYOUT_ALARM", "{subject}: {detail}"],
  ["TRIGGER_FIRED", "{market} has reached {price}: your order {order_id} is placed."],
  ["TRIGGER_FAILED", "{market} has reached {price}, but your order was refused: {reason}"],
  ["MARKET_HALTED", "{market} is halted: {reason}"],
  ["REPAYMENT_RECORDED", "Your payment of {amount} {asset} has freed as much of your credit."],
]);
