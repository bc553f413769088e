import type { MessageInitShape } from "@bufbuild/protobuf";
import { AccountFlag } from "#gen/mizan/billing/v1/account_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { Side } from "#gen/mizan/matching/v1/order_pb.ts";
import type { NewOrderSchema } from "#gen/mizan/matching/v1/order_service_pb.ts";
import { bytesOf, derivedId, hexOf, newId } from "#mesh/ids.ts";
import { ACCESS_TOKEN_LIFE_S } from "#mesh/limits.ts";
import { createSigner } from "#mesh/tokens.ts";
import type { DevFile } from "../../scripts/platform/dev-file.ts";
import { inside } from "../../scripts/platform/inside.ts";

/** Somebody who trades, and what the calls of theirs carry. */
export type Trader = { readonly id: string; headers: { readonly authorization: string } };

/** The market that they trade on, and its assets. */
export const [MARKET, ASSETS] = ["ABAN-USDT", ["ABAN", "USDT"]] as const;

/** How many traders there are, and what each has of both assets: more than they can spend. */
export const [TRADERS, FUNDS] = [1000, "100000000"] as const;

/** Opens the accounts of traders and fills them, as core and deposits would. */
export async function openTraders(dev: DevFile): Promise<Trader[]> {
  using core = inside(dev, "core");
  const ledger = core.of(LedgerService);
  const traders = createTraders();
  const ids = traders.map(({ id }) => id);
  const flags = AccountFlag.DEBITS_MUST_NOT_EXCEED_CREDITS;
  for (const asset of ASSETS) {
    const accounts = ids.map((id) => ({
      id: accountOf(id, "available", asset),
      asset,
      code: 100,
      flags,
      userData: bytesOf(hexOf(id)),
    }));
    await ledger.createAccounts({ requestId: newId(), accounts });
    const transfers = ids.map((id) => ({
      id: bytesOf(hexOf(newId())),
      debitAccountId: bytesOf(derivedId(`account/world/${asset}`)),
      creditAccountId: accountOf(id, "available", asset),
      asset,
      amount: FUNDS,
      code: 100,
    }));
    await ledger.createTransfers({ requestId: newId(), transfers });
  }
  await signIn(dev, traders);
  return traders;
}

/** Makes traders up; they have nothing, and no token. */
export function createTraders(): Trader[] {
  return Array.from({ length: TRADERS }, () => ({ id: newId(), headers: { authorization: "" } }));
}

/** Signs everybody in anew: access tokens live ten minutes. */
export async function signIn(
  { certs }: Pick<DevFile, "certs">,
  traders: readonly Trader[],
): Promise<void> {
  using signer = createSigner(certs, "core");
  for (const trader of traders) {
    const person = { id: trader.id, roles: ["USER" as const], verificationLevel: 0 };
    const token = await signer.accessToken(person, ACCESS_TOKEN_LIFE_S);
    trader.headers = { authorization: `Bearer ${token}` };
  }
}

/** An account of a trader. */
export function accountOf(
  traderId: string,
  name: "available" | "in_orders",
  asset: string,
): Uint8Array<ArrayBuffer> {
  return bytesOf(derivedId(`account/user/${traderId}/${name}/${asset}`));
}

/**
 * Draws an order of 1.00 ABAN within 16 ticks of a USDT. One in five has a price at which it may
 * meet an order of the other side; four in five rest.
 */
export function drawOrder(): MessageInitShape<typeof NewOrderSchema> {
  const isBuy = Math.random() < 0.5;
  const ticks = Math.floor(Math.random() * 20) - 3; // behind the middle, or beyond it
  const price = ((MIDDLE_TICKS + (isBuy ? -ticks : ticks)) / 10_000).toFixed(4);
  return { market: MARKET, side: isBuy ? Side.BUY : Side.SELL, price, size: "1.00" };
}

/** A tick is 0.0001 USDT. */
const MIDDLE_TICKS = 10_000;
