import { type KnownMessage, findByProviderIds } from "../store/received-messages.ts";
import type { DueReceipt } from "../store/receipts.ts";
import type { Tx } from "../store/tables.ts";

/** A message, and what has come in about it, in order of arrival. */
export type Received = {
  readonly message: KnownMessage;
  readonly receipts: readonly DueReceipt[];
};

/**
 * Finds the messages of receipts by the ids that the provider gave them: those of the last two
 * days, and before a receipt is given up those of all days (DLR-2).
 */
export async function findReceived(
  tx: Tx,
  due: readonly DueReceipt[],
  parkMs: number,
): Promise<{ readonly received: Received[]; readonly unknown: DueReceipt[] }> {
  const known = new Map<string, KnownMessage>();
  const search = async (receipts: readonly DueReceipt[], fromMs: number, toMs: number) => {
    for (const [provider, own] of Map.groupBy(receipts, (receipt) => receipt.provider)) {
      const providerIds = [...new Set(own.map(({ providerId }) => providerId))];
      const found = await findByProviderIds(tx, { provider, providerIds, fromMs, toMs });
      for (const message of found) known.set(`${provider}/${message.providerId}`, message);
    }
  };
  const messageOf = ({ provider, providerId }: DueReceipt) =>
    known.get(`${provider}/${providerId}`);
  const { nowMs } = due[0]!;
  const yesterdayMs = (Math.floor(nowMs / DAY_MS) - 1) * DAY_MS;
  await search(due, yesterdayMs, nowMs + DAY_MS);
  const lastTries = due.filter((one) => one.ageMs >= parkMs && messageOf(one) === undefined);
  await search(lastTries, 0, yesterdayMs);
  const groups = Map.groupBy(due, messageOf);
  const unknown = groups.get(undefined) ?? [];
  groups.delete(undefined);
  const received = [...groups].map(([message, receipts]) => ({ message: message!, receipts }));
  return { received, unknown };
}

const DAY_MS = 24 * 3600 * 1000;
