import { TransferPostedSchema } from "#gen/mizan/billing/v1/events_pb.ts";
import { consumer } from "#mesh/events/consumer.ts";
import { isTold, notifyWalletChanges } from "../operations/notify-wallet-changes.ts";

/** Listens to what happens to the money of users, to tell them; most of it tells them nothing. */
export const walletEvents = consumer(
  TransferPostedSchema,
  "wallet-events",
  notifyWalletChanges,
  isTold,
);
