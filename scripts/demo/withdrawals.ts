import { setTimeout as delay } from "node:timers/promises";
import {
  type Withdrawal,
  Withdrawal_State as State,
  Withdrawal_StateSchema as StateSchema,
} from "#gen/mizan/core/v1/withdrawal_pb.ts";
import type { Rule } from "../../simulators/bank/script.ts";
import { textOf } from "./amounts.ts";
import { refusalOf } from "./charges.ts";
import { accountOf } from "./bank-account.ts";
import { irr, type Stage, type Step } from "./stage.ts";

/** A withdrawal is asked for twice with one key, and paid once. */
export const withdrawTwice: Step = {
  title: "Cyrus withdraws 250.00, twice with one key",
  about: "credit",
  async act(stage) {
    const first = await ask(stage, "twice", "250.00");
    const again = await ask(stage, "twice", "250.00");
    if (first.id !== again.id) throw new Error("The same key made a second withdrawal.");
    const reuse = await refusalOf(ask(stage, "twice", "99.00"));
    return [
      `${wayOf(first)}; the bank calls it ${first.bankReference}`,
      `with the same key again: the same withdrawal ${again.id}`,
      `with the same key and another amount: refused with ${reuse.reason}`,
      `the bank has paid it ${await timesPaid(stage, first)}`,
    ];
  },
};

/** Nobody withdraws more than the limit, and nothing that is no amount. */
export const withdrawTooMuch: Step = {
  title: "Cyrus asks for more than his credit, and for what is no amount",
  about: "credit",
  async act(stage) {
    const wrong = ["750.01", "0", "-1", "1.005", "1e3"];
    const told = wrong.map(async (amount) => {
      const { reason } = await refusalOf(ask(stage, `wrong-${amount}`, amount));
      return `${amount}: refused with ${reason}`;
    });
    return Promise.all(told);
  },
};

/** What the bank refuses costs nothing. */
export const bankRefuses: Step = {
  title: "The bank refuses a withdrawal of Cyrus: his credit is free again",
  about: "credit",
  async act(stage) {
    const refusal = { outcome: "reject", code: "ACCOUNT_CLOSED" } as const;
    const one = await scripted(stage, refusal, async () => ask(stage, "refused", "100.00"));
    expectState(one, State.FAILED);
    return [`${wayOf(one)}, because of ${one.reason}`];
  },
};

/** An answer that is lost is no failure: the bank is asked, and pays once. */
export const bankAnswerLost: Step = {
  title: "The bank pays a withdrawal of Cyrus, and its answer is lost on the way",
  about: "credit",
  async act(stage) {
    const loss = { fault: "lost", calls: 1 } as const;
    const first = await scripted(stage, loss, async () => ask(stage, "lost", "100.00"));
    const one = await followed(stage, first);
    expectState(one, State.SUCCEEDED);
    return [
      `${wayOf(one)}: it was asked for, not sent again`,
      `the bank has paid it ${await timesPaid(stage, one)}`,
    ];
  },
};

/** What the bank sends back after success is credit again. */
export const bankReturns: Step = {
  title: "The bank pays a withdrawal of Cyrus, and sends the money back a moment later",
  about: "credit",
  async act(stage) {
    const back = { second: "RETURNED", secondDelayMs: 300 } as const;
    const first = await scripted(stage, back, async () => ask(stage, "returned", "50.00"));
    expectState(first, State.SUCCEEDED);
    const one = await until(stage, first.id, ({ state }) => state === State.RETURNED);
    return [`first ${stateOf(first)}, then ${stateOf(one)}`];
  },
};

/** Asks for a withdrawal under a key of this run. */
export async function ask({ shop, run }: Stage, key: string, amount: string): Promise<Withdrawal> {
  const request = { requestId: `withdraw-${key}-${run}`, amount: irr(amount) };
  const { withdrawal } = await shop.calls.withdrawals.createWithdrawal(request);
  if (withdrawal === undefined) throw new Error("CreateWithdrawal answered without a withdrawal.");
  return withdrawal;
}

/** Every withdrawal of the merchant, the newest first. */
export async function withdrawalsOf({ shop }: Stage): Promise<Withdrawal[]> {
  const { withdrawals } = await shop.calls.withdrawals.listWithdrawals({ pageSize: 1000 });
  return withdrawals;
}

/** How often the banks have taken a payment for a withdrawal, by their own books. */
export async function paymentsOf({ bank }: Stage, { id }: Withdrawal): Promise<number> {
  return (await bank.paymentsOf(id)).length;
}

/** Does something while the bank follows a rule for the merchant's account. */
async function scripted(
  { bank, run }: Stage,
  rule: Rule,
  act: () => Promise<Withdrawal>,
): Promise<Withdrawal> {
  await bank.change({ rules: [{ ...rule, account: accountOf(run) }] });
  try {
    return await act();
  } finally {
    await bank.reset();
  }
}

/** Watches a withdrawal until it has ended. */
async function followed({ shop }: Stage, first: Withdrawal): Promise<Withdrawal> {
  let last = first;
  const signal = AbortSignal.timeout(MAX_WAIT_MS);
  const request = { withdrawalId: first.id };
  const stream = shop.calls.withdrawals.watchWithdrawal(request, { signal });
  for await (const { withdrawal = last } of stream) last = withdrawal;
  return last;
}

async function until(
  { shop }: Stage,
  withdrawalId: string,
  isThere: (withdrawal: Withdrawal) => boolean,
): Promise<Withdrawal> {
  const endMs = performance.now() + MAX_WAIT_MS;
  for (;;) {
    const { withdrawal } = await shop.calls.withdrawals.getWithdrawal({ withdrawalId });
    if (withdrawal !== undefined && isThere(withdrawal)) return withdrawal;
    if (performance.now() > endMs) {
      throw new Error(`The withdrawal ${withdrawalId} is still ${stateOf(withdrawal)}.`);
    }
    await delay(LOOK_EVERY_MS);
  }
}

async function timesPaid(stage: Stage, one: Withdrawal): Promise<string> {
  const times = await paymentsOf(stage, one);
  if (times !== 1) throw new Error(`The banks have paid ${one.id} ${times} times.`);
  return "once, as it says itself";
}

/** The state of a withdrawal with its attempts in words. */
function wayOf(one: Withdrawal): string {
  const attempts = one.attempts.map(({ provider, state }) => `${provider}: ${state}`).join(", ");
  return `${textOf(one.amount)} are ${stateOf(one)} (${attempts})`;
}

function stateOf(one: Withdrawal | undefined): string {
  return StateSchema.value[one?.state ?? State.UNSPECIFIED]?.localName ?? "nowhere";
}

function expectState(one: Withdrawal, state: State): void {
  if (one.state !== state)
    throw new Error(`It had to be ${stateOf({ ...one, state })}: ${wayOf(one)}`);
}

/** A lost answer is asked for after the bank's window, and again a little later each time. */
const MAX_WAIT_MS = 30_000;
const LOOK_EVERY_MS = 100;
