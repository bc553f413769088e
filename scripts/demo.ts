import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { addsUp } from "./demo/adds-up.ts";
import { audit } from "./demo/books.ts";
import { charge, replay, reuse } from "./demo/charges.ts";
import { notices } from "./demo/events.ts";
import { findStack } from "./demo/find-stack.ts";
import { openMarket } from "./demo/exchange/market.ts";
import {
  fireTrigger,
  lookBack,
  makeBook,
  refuseOrders,
  spend,
  takeBook,
} from "./demo/exchange/trading.ts";
import { tradesAddUp } from "./demo/exchange/wallets.ts";
import { captureHalf, hold, overdraft, release } from "./demo/holds.ts";
import { join, login } from "./demo/join.ts";
import { approve, joinMerchant, repay } from "./demo/merchants.ts";
import {
  askAgain,
  estimate,
  refusedForFunds,
  sendBatch,
  sendBoth,
  refund,
} from "./demo/messages.ts";
import { fillPool } from "./demo/pool.ts";
import { report } from "./demo/report.ts";
import { closedDoor, reconcile } from "./demo/settlement.ts";
import { play, type Stage } from "./demo/stage.ts";
import { statement } from "./demo/statement.ts";
import {
  bankAnswerLost,
  bankRefuses,
  bankReturns,
  withdrawTooMuch,
  withdrawTwice,
} from "./demo/withdrawals.ts";
import { allBanks } from "./platform/all-banks.ts";
import { inside } from "./platform/inside.ts";
import { magfaControl } from "./platform/magfa-control.ts";

// Drives the running stack through its main flows and checks that everything adds up: npm run demo

const say = (text: string) => console.log(text);
const ledgerSteps = [charge, fillPool, hold, captureHalf, release, replay, reuse, overdraft];
const smsSteps = [estimate, sendBoth, sendBatch, refusedForFunds, refund, askAgain, report];
const bankSteps = [bankRefuses, bankAnswerLost, bankReturns, closedDoor, repay, reconcile];
const merchantSteps = [approve, withdrawTwice, withdrawTooMuch, ...bankSteps];
const tradingSteps = [openMarket, makeBook, takeBook, spend, refuseOrders, fireTrigger, lookBack];
const moneySteps = [...ledgerSteps, ...smsSteps, ...merchantSteps];
const steps = [...moneySteps, ...tradingSteps, statement, notices, audit];

try {
  await using stack = await findStack(say);
  const { origin, admin: credentials } = stack.dev;
  const run = Date.now().toString(36);
  say(`\n 1. Four people and a merchant join at ${origin}, and an administrator logs in`);
  const ada = await join({ origin, run, say }, "Ada");
  const bob = await join({ origin, run, say }, "Bob");
  const dana = await join({ origin, run, say }, "Dana");
  const emil = await join({ origin, run, say }, "Emil");
  const shop = await joinMerchant({ origin, run, say }, "Cyrus");
  const admin = await login({ origin, say }, "The administrator", credentials);
  using sms = inside(stack.dev, "sms");
  const [holds, ledger] = [sms.of(HoldService), sms.of(LedgerService)];
  const [magfa, bank] = [magfaControl(stack.dev), allBanks(stack.dev)];
  const actors = { ada, bob, dana, emil, admin, shop, magfa, bank };
  const stage: Stage = { ...actors, origin, holds, ledger, run, say };
  for (const [index, step] of steps.entries()) await play(stage, index + 2, step);

  say(`\n${steps.length + 2}. Does everything add up?`);
  const found = new Map([...(await addsUp(stage)), ...(await tradesAddUp(stage))]);
  for (const [sentence, holdsTrue] of found) say(`     ${holdsTrue ? "yes" : "NO "}  ${sentence}`);
  const wrong = [...found.values()].filter((isTrue) => !isTrue).length;
  say(wrong === 0 ? "\nEverything adds up." : `\n${wrong} of ${found.size} checks failed.`);
  if (wrong > 0) process.exitCode = 1;
} catch (error) {
  console.error(`\nThe demo failed: ${(error as Error).message}`);
  process.exitCode = 1;
}
