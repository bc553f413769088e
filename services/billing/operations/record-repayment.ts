import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { derivedId, ZERO_ID } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Billing } from "../context.ts";
import type { Asset } from "../domain/asset.ts";
import { MAIN, TransferCodes } from "../domain/chart.ts";
import type { Credit } from "../domain/credit.ts";
import { payBack } from "../domain/flows/pay-back.ts";
import type { Chain } from "../domain/hold.ts";
import { fail } from "../errors.ts";
import { once } from "../writer/once.ts";
import type { Turn } from "../writer/work.ts";
import { positiveAmount } from "./amount-by-hand.ts";
import { creditAccounts, readCredit } from "./get-credit.ts";
import { houseAsset } from "./house-asset.ts";
import type { Answer } from "./move-by-hand.ts";

/** What a merchant has paid back. */
export type Repayment = {
  readonly merchantId: string;
  readonly asset: string;
  /** In major units. */
  readonly amount: string;
  /** The bank account that it came to; empty is the main one. */
  readonly bank: string;
  readonly reference: string;
};

/**
 * Records what a merchant has paid back, once a key: it fills the pool and frees as much credit, both
 * or neither (FLOW-13). Throws UNKNOWN_ASSET, INVALID_AMOUNT for what is not more than zero,
 * AMOUNT_TOO_LARGE, MERCHANT_NOT_FOUND, and REPAYMENT_EXCEEDED for more than is utilized.
 */
export async function recordRepayment<S extends DescMessage>(
  { writer, assets }: Billing,
  { merchantId, asset: code, amount: text, bank, reference }: Repayment,
  { call, schema, toMessage, ...bounds }: Answer<S, Credit>,
): Promise<MessageShape<S>> {
  const asset = houseAsset(assets, code);
  const amount = positiveAmount(text, asset);
  const id = derivedId(`repay/${call.principal}/${call.method}/${call.key}`);
  const paid = { merchantId, asset, amount, bank: bank === "" ? MAIN : bank, reference };
  const why = { path: `repay/${id}`, code: TransferCodes.MERCHANT_REPAYMENT, userData: id };
  const accounts = creditAccounts(merchantId, assets);
  const plan = { merchantId, asset, amount, accounts, chain: payBack({ ...paid, ...why }, assets) };
  const { events } = plan.chain;
  const effect = (turn: Turn) => {
    post(turn, plan);
    return toMessage(readCredit(turn.ledger, accounts)!);
  };
  const ids = events.map((event) => ({ id: event.id, pendingId: ZERO_ID }));
  return writer.submit({ ...bounds, eventCount: ids.length, ids, ...once(schema, call, effect) });
}

type Plan = {
  readonly merchantId: string;
  readonly asset: Asset;
  readonly amount: bigint;
  readonly accounts: ReturnType<typeof creditAccounts>;
  readonly chain: Chain;
};

function post({ ledger, atUs }: Turn, plan: Plan): void {
  const { merchantId, asset, amount } = plan;
  const { accounts, events } = plan.chain;
  const credit = readCredit(ledger, plan.accounts);
  if (credit === undefined) throw fail("MERCHANT_NOT_FOUND", { merchant_id: merchantId });
  const isMade = ledger.isUsed(events[0]!.id); // longer ago than keys are kept
  if (!isMade && amount > credit.utilizedMinor) {
    throw fail("REPAYMENT_EXCEEDED", {
      amount: fromMinor(amount, asset.scale),
      utilized: fromMinor(credit.utilizedMinor, asset.scale),
    });
  }
  ledger.createAccounts(accounts, atUs);
  const results = ledger.createTransfers(events, atUs);
  const refused = results.find(({ transfer }) => transfer === undefined);
  if (refused !== undefined) throw fail("LEDGER_REFUSED", { status: refused.status });
}
