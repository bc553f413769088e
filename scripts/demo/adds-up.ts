import { isDeepStrictEqual } from "node:util";
import type { Account } from "#gen/mizan/billing/v1/account_pb.ts";
import { type Transfer, TransferKind } from "#gen/mizan/billing/v1/transfer_pb.ts";
import {
  type Balance,
  type Entry,
  Entry_Side as Side,
  Entry_Type,
} from "#gen/mizan/billing/v1/wallet_pb.ts";
import { ChargeState, type Message } from "#gen/mizan/sms/v1/message_pb.ts";
import { bytesOf, derivedId, hexFromBytes } from "#mesh/ids.ts";
import { minor } from "./amounts.ts";
import { HAND_MADE } from "./holds.ts";
import { creditAddsUp } from "./credit-adds-up.ts";
import { messagesOf } from "./report.ts";
import { entriesOf } from "./statement.ts";
import { type Actor, ASSET, balanceOf, type Stage } from "./stage.ts";

/** Compares what the people, the house and the ledger say; returns each sentence with its truth. */
export async function addsUp(stage: Stage): Promise<ReadonlyMap<string, boolean>> {
  const found = new Map<string, boolean>();
  for (const person of [stage.ada, stage.bob]) {
    const balance = await balanceOf(person);
    const entries = await entriesOf(person);
    const sum = entries.reduce((total, { side, amount }) => total + signed(side, amount), 0n);
    found.set(`${person.name}'s statement sums up to the total`, sum === minor(balance.total));
    const latest = entries[0]?.balanceAfter;
    found.set(`${person.name}'s last entry shows the balance`, isDeepStrictEqual(latest, balance));
    const account = await accountOf(stage, person);
    found.set(`${person.name}'s account on the ledger shows it too`, agrees(account, balance));
    const messages = await messagesOf(person);
    const isPaid = paidFor(entries) === priceOf(messages);
    found.set(`${person.name} paid for the messages that were sent, and for no other`, isPaid);
    const isOnce = await receivedOnce(stage, messages);
    found.set(`the provider received each of ${person.name}'s sent messages once`, isOnce);
  }
  for (const [sentence, isTrue] of await creditAddsUp(stage)) found.set(sentence, isTrue);
  const [users, house] = await bothSides(stage);
  found.set("what the people got is what the house gave, to the unit", users === -house);
  return found;
}

/** What was taken for messages and not given back, but for the hold that the demo made by hand. */
function paidFor(entries: readonly Entry[]): bigint {
  const ofMessages = entries.filter(({ type, reference }) => {
    const { SMS_DEDUCTION, REFUND } = Entry_Type;
    return (type === SMS_DEDUCTION || type === REFUND) && reference !== HAND_MADE;
  });
  return -ofMessages.reduce((sum, { side, amount }) => sum + signed(side, amount), 0n);
}

/** What messages have cost in the end. */
function priceOf(messages: readonly Message[]): bigint {
  const paid = messages.filter(({ chargeState }) => chargeState === ChargeState.CAPTURED);
  return paid.reduce((sum, { price }) => sum + minor(price), 0n);
}

async function receivedOnce({ magfa }: Stage, messages: readonly Message[]): Promise<boolean> {
  const counts = messages.map(async ({ receiver, sendTime }) => {
    const { texts } = await magfa.received({ recipient: receiver });
    return texts.length === (sendTime === undefined ? 0 : 1);
  });
  return (await Promise.all(counts)).every(Boolean);
}

/** The net of the people's accounts, and that of all transfers of theirs with the house. */
async function bothSides(stage: Stage): Promise<[users: bigint, house: bigint]> {
  const people = [stage.ada, stage.bob];
  const accounts = await Promise.all(people.map((person) => accountOf(stage, person)));
  const own = new Set(accounts.map(({ id }) => hexFromBytes(id)));
  let house = 0n;
  for (const path of [`account/world/${ASSET}`, "account/revenue/sms"]) {
    for (const transfer of await transfersWith(stage, path, own)) {
      const credited = hexFromBytes(transfer.creditAccountId) === derivedId(path);
      house += credited ? minor(transfer) : -minor(transfer);
    }
  }
  const users = accounts.reduce(
    (sum, account) =>
      sum + minor({ amount: account.creditsPosted }) - minor({ amount: account.debitsPosted }),
    0n,
  );
  return [users, house];
}

/** The transfers that moved money between a house account and the given ones in this run. */
async function transfersWith(
  { ledger }: Stage,
  path: string,
  others: ReadonlySet<string>,
): Promise<Transfer[]> {
  const moved: Transfer[] = [];
  const accountId = bytesOf(derivedId(path));
  for (let pageToken = "", pages = 0; pages < MAX_PAGES; pages++) {
    const page = await ledger.listAccountTransfers({ accountId, pageSize: 1000, pageToken });
    moved.push(
      ...page.transfers.filter(
        ({ kind, debitAccountId, creditAccountId }) =>
          (kind === TransferKind.SINGLE || kind === TransferKind.POST) &&
          (others.has(hexFromBytes(debitAccountId)) || others.has(hexFromBytes(creditAccountId))),
      ),
    );
    pageToken = page.nextPageToken;
    if (pageToken === "") break;
  }
  return moved;
}

async function accountOf({ ledger }: Stage, { id }: Actor): Promise<Account> {
  const accountId = bytesOf(derivedId(`account/user/${id}/available/${ASSET}`));
  const { accounts } = await ledger.lookupAccounts({ accountIds: [accountId] });
  if (accounts[0] === undefined) throw new Error(`The ledger has no account of user ${id}.`);
  return accounts[0];
}

function agrees(account: Account, { held, total }: Balance): boolean {
  const posted = minor({ amount: account.creditsPosted }) - minor({ amount: account.debitsPosted });
  return minor(held) === minor({ amount: account.debitsPending }) && minor(total) === posted;
}

function signed(side: Side, amount: { readonly amount: string } | undefined): bigint {
  if (side === Side.UNSPECIFIED) return 0n;
  return side === Side.CREDIT ? minor(amount) : -minor(amount);
}

/** Enough for what happened since the demo began, on any stack that people play with. */
const MAX_PAGES = 100;
