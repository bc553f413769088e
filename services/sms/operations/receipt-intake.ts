import { coalesce } from "#mesh/coalesce.ts";
import { TAKEN_RECEIPTS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import type { ProviderReceipt } from "../providers/provider.ts";
import { insertReceipts } from "../store/receipts.ts";

/** Stores what a provider tells; returns when it is committed. Throws OVERLOADED. */
export type TakeReceipts = (
  provider: string,
  receipts: readonly ProviderReceipt[],
) => Promise<void>;

/**
 * Takes receipts in as they come, those of concurrent call-backs in one commit (DLR-1). What they
 * mean is found out later, so that a slow day of ours never holds a provider up.
 */
export function createReceiptIntake({ db, metrics }: Pick<Sms, "db" | "metrics">): TakeReceipts {
  const taken = metrics.counter("mizan_sms_receipts_taken_total", "Receipts that were stored.");
  const { add, waiting } = coalesce({
    flush: async (batches: readonly Taken[]) => {
      const receipts = batches.flatMap(({ provider, receipts: of }) =>
        of.map(({ providerId, state }) => ({ provider, providerId, state })),
      );
      await insertReceipts(db, receipts);
      taken.add({}, receipts.length);
      return batches.map(() => undefined);
    },
    maxItems: TAKEN_RECEIPTS.perCommit,
    maxWaiting: TAKEN_RECEIPTS.waiting,
    sizeOf: ({ receipts }) => receipts.length,
  });
  metrics.watch("mizan_sms_receipts_untaken", "Receipts that wait to be stored.", waiting);
  return async (provider, receipts) => add({ provider, receipts });
}

type Taken = { readonly provider: string; readonly receipts: readonly ProviderReceipt[] };
