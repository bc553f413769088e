import type { Client } from "@connectrpc/connect";
import type { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import type { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import type { Balance } from "#gen/mizan/billing/v1/wallet_pb.ts";
import type { AllBanks } from "../platform/all-banks.ts";
import type { MagfaControl } from "../platform/magfa-control.ts";
import type { Outside } from "../platform/outside.ts";
import { type BalanceRow, balancesTable } from "./amounts.ts";
import { tradingTeller } from "./exchange/wallets.ts";
import { creditState, creditTable } from "./credit-table.ts";

/** Somebody of the demo, signed in. */
export type Actor = {
  readonly name: string;
  readonly id: string;
  readonly calls: Outside;
  /** What signs their calls, for paths that have no client. */
  readonly accessToken: string;
};

/** Who acts in the demo, and where it is told. */
export type Stage = {
  readonly ada: Actor;
  readonly bob: Actor;
  /** Two who trade with each other. */
  readonly dana: Actor;
  readonly emil: Actor;
  readonly admin: Actor;
  /** A merchant, who withdraws. */
  readonly shop: Actor;
  /** The banks that pay, which do as they are told. */
  readonly bank: AllBanks;
  /** The provider of the messages, which does as it is told. */
  readonly magfa: MagfaControl;
  /** Where everybody outside calls. */
  readonly origin: string;
  /** Made by sms, which holds the price of a message. */
  readonly holds: Client<typeof HoldService>;
  /** Read by sms, to look at both sides of the books. */
  readonly ledger: Client<typeof LedgerService>;
  /** Names the keys of this run, so that it can be run again. */
  readonly run: string;
  readonly say: (text: string) => void;
};

/** Something that happens on the stage: returns what is to be told of it. */
export type Step = {
  readonly title: string;
  /** Whose money is shown before and after it: Ada's and Bob's, the merchant's, or the traders'. */
  readonly about?: "balances" | "credit" | "trading";
  readonly act: (stage: Stage) => Promise<readonly string[]>;
};

/** Lets a step happen, and tells what it did to the money that it is about. */
export async function play(stage: Stage, number: number, step: Step): Promise<void> {
  stage.say(`\n${String(number).padStart(2)}. ${step.title}`);
  const tell = await tellers[step.about ?? "balances"](stage);
  for (const text of await step.act(stage)) stage.say(`     ${text}`);
  stage.say(await tell());
}

/** How the money that a step is about is remembered, and told again after it. */
const tellers: Record<NonNullable<Step["about"]>, Teller> = {
  balances: balancesTeller,
  credit: creditTeller,
  trading: tradingTeller,
};

type Teller = (stage: Stage) => Promise<() => Promise<string>>;

/** Remembers the balances of Ada and Bob; tells them with those of then. */
async function balancesTeller({ ada, bob }: Stage): Promise<() => Promise<string>> {
  const people = [ada, bob];
  const before = await Promise.all(people.map(balanceOf));
  return async () => {
    const after = await Promise.all(people.map(balanceOf));
    const rows = people.map(({ name }, index): BalanceRow => {
      return { name, before: before[index]!, after: after[index]! };
    });
    return balancesTable(rows);
  };
}

async function creditTeller(stage: Stage): Promise<() => Promise<string>> {
  const before = await creditState(stage);
  return async () => creditTable(before, await creditState(stage));
}

/** What somebody has of the asset of the demo. */
export async function balanceOf({ calls }: Actor): Promise<Balance> {
  const { balance } = await calls.wallet.getBalance({ asset: ASSET });
  if (balance === undefined) throw new Error("GetBalance answered without a balance.");
  return balance;
}

/** Money of the demo's asset. */
export function irr(amount: string) {
  return { asset: ASSET, amount };
}

/** The asset of the demo. */
export const ASSET = "IRR";
