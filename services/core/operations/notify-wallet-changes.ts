import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { PostedTransfer, TransferPosted } from "#gen/mizan/billing/v1/events_pb.ts";
import { TransferKind } from "#gen/mizan/billing/v1/transfer_pb.ts";
import { derivedId, hexFromBytes, uuidOf } from "#mesh/ids.ts";
import type { Notification, NotificationType } from "../domain/notification.ts";
import { tell } from "../events.ts";
import type { Queries } from "../store/tables.ts";

/** Tells the owners of wallets what the transfers of one commit did, each once, in one statement. */
export async function notifyWalletChanges(tx: Queries, event: TransferPosted): Promise<void> {
  const notifications = event.transfers.flatMap(toNotifications);
  await tell(tx, notifications);
}

/** Whether any transfer of a commit is told to somebody, as most are not. */
export function isTold({ transfers }: TransferPosted): boolean {
  return transfers.some((transfer) => meaningOf(transfer) !== undefined);
}

/** What a transfer means to a user: one notification, or none. */
function toNotifications(transfer: PostedTransfer): Notification[] {
  const meaning = meaningOf(transfer);
  if (meaning === undefined) return [];
  const { id, amount, eventTime } = transfer;
  const notification = {
    ...meaning,
    id: uuidOf(derivedId(`notification/transfer/${hexFromBytes(id)}`)),
    values: { amount: amount?.amount ?? "", asset: amount?.asset ?? "" },
    createdAtMs: eventTime ? timestampMs(eventTime) : 0,
  };
  return [notification];
}

/** Who is told what of a transfer; undefined for nobody. */
function meaningOf(transfer: PostedTransfer): Pick<Notification, "personId" | "type"> | undefined {
  const [type, side] = meanings.get(`${transfer.code} ${transfer.kind}`) ?? [];
  const owner = side && transfer[side];
  if (type === undefined || owner?.code !== USER_AVAILABLE) return undefined;
  return uuid.test(owner.ownerId) ? { personId: owner.ownerId, type } : undefined;
}

/** Numbers of the ledger's charts: accounts of users, charges, and what is held for messages. */
const USER_AVAILABLE = 100;
const [CHARGE, SMS] = [1, 2];

const meanings: ReadonlyMap<string, readonly [NotificationType, "debit" | "credit"]> = new Map([
  [`${CHARGE} ${TransferKind.SINGLE}`, ["ACCOUNT_CHARGED", "credit"]],
  [`${SMS} ${TransferKind.POST}`, ["HOLD_CAPTURED", "debit"]],
  [`${SMS} ${TransferKind.VOID}`, ["HOLD_RELEASED", "debit"]],
  [`${SMS} ${TransferKind.EXPIRE}`, ["HOLD_RELEASED", "debit"]],
]);

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
