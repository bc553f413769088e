import { MAX_ID, ZERO_ID } from "#mesh/ids.ts";
import {
  type Account,
  AccountFlags,
  type AccountResult,
  type AccountStatus,
  type NewAccount,
} from "./account.ts";
import { applyChains, type ChainSteps } from "./chains.ts";
import { type Memory, nextAtUs, remember } from "./memory.ts";
import { beginChain, keepChain, undoChain } from "./undo-log.ts";

/** Opens accounts in order, chain by chain (section 2). */
export function createAccounts(memory: Memory, events: readonly NewAccount[]): AccountResult[] {
  const steps: ChainSteps<NewAccount, AccountResult> = {
    apply: (event) => createAccount(memory, event),
    replay: (event) => replay(memory, event),
    refuse: (event, result) => refuse(memory, event, result),
    begin: () => beginChain(memory),
    keep: () => keepChain(memory),
    undo: () => undoChain(memory),
  };
  return applyChains(events, steps);
}

function replay(memory: Memory, event: NewAccount): AccountResult | undefined {
  const account = memory.accounts.find(event.id);
  const isCopy = account !== undefined && compare(event, account) === "exists";
  return isCopy && !isReserved(event) ? { status: "exists", account } : undefined;
}

/** A copy of an account that was undone with its chain has nothing to show. */
function refuse(memory: Memory, event: NewAccount, result: AccountResult): AccountResult {
  if (result.status !== "exists") return result;
  return replay(memory, event) ?? { status: "exists" };
}

function createAccount(memory: Memory, event: NewAccount): AccountResult {
  if (isReserved(event)) return { status: "reserved_flag" };
  if (event.id === ZERO_ID) return { status: "id_must_not_be_zero" };
  if (event.id === MAX_ID) return { status: "id_must_not_be_max" };
  const known = memory.accounts.find(event.id);
  if (known !== undefined) return answerToCopy(event, known);
  const refusal = check(memory, event);
  return refusal === undefined ? open(memory, event) : { status: refusal };
}

/** An account is closed by a transfer, never by the one who opens it (ACC-8). */
function isReserved({ flags }: NewAccount): boolean {
  return (flags & ~(AccountFlags.LINKED | limits)) !== 0;
}

const limits =
  AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS | AccountFlags.CREDITS_MUST_NOT_EXCEED_DEBITS;

function answerToCopy(event: NewAccount, account: Account): AccountResult {
  const status = compare(event, account);
  return status === "exists" ? { status, account } : { status };
}

/** Neither the chain of a request nor a closing since then makes it another account (ACC-6). */
function compare(event: NewAccount, account: Account): AccountStatus {
  if ((event.flags & limits) !== (account.flags & limits)) return "exists_with_different_flags";
  if (event.userData !== account.userData) return "exists_with_different_user_data";
  if (event.ledger !== account.ledger) return "exists_with_different_ledger";
  if (event.code !== account.code) return "exists_with_different_code";
  return "exists";
}

function check(memory: Memory, event: NewAccount): AccountStatus | undefined {
  if ((event.flags & limits) === limits) return "flags_are_mutually_exclusive";
  if (event.ledger === 0) return "ledger_must_not_be_zero";
  if (!memory.ledgers.has(event.ledger)) return "ledger_not_found";
  if (event.code === 0) return "code_must_not_be_zero";
  return undefined;
}

function open(memory: Memory, event: NewAccount): AccountResult {
  const { id, ledger, code, userData } = event;
  memory.lastAtUs = nextAtUs(memory);
  memory.lastSlot += 1;
  const account: Account = {
    slot: memory.lastSlot,
    id,
    ledger,
    code,
    userData,
    createdAtUs: memory.lastAtUs,
    flags: event.flags & limits,
    debitsPending: 0n,
    debitsPosted: 0n,
    creditsPending: 0n,
    creditsPosted: 0n,
    version: 0,
  };
  remember(memory, account);
  memory.touchedIn[account.slot] = memory.take; // it is among the new ones already
  memory.changes.accounts.push(account);
  return { status: "created", account };
}
