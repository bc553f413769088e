import type { Client } from "@connectrpc/connect";
import type { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import type { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import type { Balance } from "#gen/mizan/billing/v1/wallet_pb.ts";
import type { MagfaControl } from "../platform/magfa-control.ts";
import type { Outside } from "../platform/outside.ts";
import { type BalanceRow, balancesTable } from "./amounts.ts";

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
  readonly admin: Actor;
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
  readonly act: (stage: Stage) => Promise<readonly string[]>;
};

/** Lets a step happen, and tells what it did to the balances of Ada and Bob. */
export async function play(stage: Stage, number: number, { title, act }: Step): Promise<void> {
  stage.say(`\n${String(number).padStart(2)}. ${title}`);
  const people = [stage.ada, stage.bob];
  const before = await Promise.all(people.map(balanceOf));
  for (const text of await act(stage)) stage.say(`     ${text}`);
  const after = await Promise.all(people.map(balanceOf));
  const rows = people.map(({ name }, index): BalanceRow => {
    return { name, before: before[index]!, after: after[index]! };
  });
  stage.say(balancesTable(rows));
}

/** What somebody has of the asset of the demo. */
export async function balanceOf({ calls }: Actor): Promise<Balance> {
  const { balance } = await calls.wallet.getBalance({ asset: ASSET });
  if (balance === undefined) throw new Error("GetBalance answered without a balance.");
  return balance;
}

/** The asset of the demo. */
export const ASSET = "IRR";
