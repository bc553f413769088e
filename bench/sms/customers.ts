import { AccountFlag } from "#gen/mizan/billing/v1/account_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { bytesOf, derivedId, hexOf, newId } from "#mesh/ids.ts";
import { ACCESS_TOKEN_LIFE_S } from "#mesh/limits.ts";
import { createSigner } from "#mesh/tokens.ts";
import type { DevFile } from "../../scripts/platform/dev-file.ts";
import { inside } from "../../scripts/platform/inside.ts";

/** Somebody who pays for messages, and what the calls of theirs carry. */
export type Customer = {
  readonly id: string;
  readonly headers: { readonly authorization: string };
};

/** How many customers there are, and what each of them has: more than they can spend. */
export const CUSTOMERS = 1000;
export const FUNDS_MINOR = 10n ** 13n;

/** Opens the accounts of customers and fills them, as core and a charge would. */
export async function openCustomers(dev: DevFile): Promise<Customer[]> {
  using core = inside(dev, "core");
  using signer = createSigner(dev.certs, "core");
  const ledger = core.of(LedgerService);
  const ids = Array.from({ length: CUSTOMERS }, newId);
  const flags = AccountFlag.DEBITS_MUST_NOT_EXCEED_CREDITS;
  const accounts = ids.map((id) => {
    return { id: accountOf(id), asset: "IRR", code: 100, flags, userData: bytesOf(hexOf(id)) };
  });
  await ledger.createAccounts({ requestId: newId(), accounts });
  const transfers = ids.map((id) => ({
    id: bytesOf(hexOf(newId())),
    debitAccountId: bytesOf(derivedId("account/world/IRR")),
    creditAccountId: accountOf(id),
    asset: "IRR",
    amount: String(FUNDS_MINOR / 100n),
    code: 100,
  }));
  await ledger.createTransfers({ requestId: newId(), transfers });
  return await Promise.all(
    ids.map(async (id) => {
      const person = { id, roles: ["USER" as const], verificationLevel: 0 };
      const token = await signer.accessToken(person, ACCESS_TOKEN_LIFE_S);
      return { id, headers: { authorization: `Bearer ${token}` } };
    }),
  );
}

/** The account that a customer pays from. */
export function accountOf(customerId: string): Uint8Array<ArrayBuffer> {
  return bytesOf(derivedId(`account/user/${customerId}/available/IRR`));
}
