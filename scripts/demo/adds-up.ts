import { isDeepStrictEqual } from "node:util";
import type { Account } from "#gen/mizan/billing/v1/account_pb.ts";
import { type Transfer, TransferKind } from "#gen/mizan/billing/v1/transfer_pb.ts";
import { type Balance, Entry_Side as Side } from "#gen/mizan/billing/v1/wallet_pb.ts";
import { bytesOf, derivedId, hexFromBytes } from "#mesh/ids.ts";
import { toMinor } from "#mesh/money.ts";
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
  }
  const [users, house] = await bothSides(stage);
  found.set("what the people got is what the house gave, to the unit", users === -house);
  return found;
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
    (sum, account) => sum + toScale(account.creditsPosted) - toScale(account.debitsPosted),
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
  const posted = toScale(account.creditsPosted) - toScale(account.debitsPosted);
  return minor(held) === toScale(account.debitsPending) && minor(total) === posted;
}

function signed(side: Side, amount: { readonly amount: string } | undefined): bigint {
  if (side === Side.UNSPECIFIED) return 0n;
  return side === Side.CREDIT ? minor(amount) : -minor(amount);
}

function minor(money: { readonly amount: string } | undefined): bigint {
  return toScale(money?.amount ?? "0");
}

function toScale(amount: string): bigint {
  return toMinor(amount, SCALE);
}

const SCALE = 2;

/** Enough for what happened since the demo began, on any stack that people play with. */
const MAX_PAGES = 100;
