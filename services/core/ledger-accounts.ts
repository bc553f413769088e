import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import type { NewAccountSchema } from "#gen/mizan/billing/v1/account_pb.ts";
import type { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { coalesce } from "#mesh/coalesce.ts";
import { newId } from "#mesh/ids.ts";
import { OPENED_ACCOUNTS } from "#mesh/limits.ts";
import type { Core } from "./context.ts";

/**
 * Opens accounts on the ledger, those of people who join at the same time in one call (L3). Throws
 * OVERLOADED when too many wait.
 */
export function ledgerAccounts(
  ledger: Pick<Client<typeof LedgerService>, "createAccounts">,
): Core["openAccount"] {
  const { add } = coalesce({
    flush: async (accounts: readonly MessageInitShape<typeof NewAccountSchema>[]) => {
      const request = { requestId: newId(), accounts: [...accounts] };
      return (await ledger.createAccounts(request)).results;
    },
    maxItems: OPENED_ACCOUNTS.perCall,
    maxWaiting: OPENED_ACCOUNTS.waiting,
  });
  return async (account, { signal }) => add(account, signal);
}
