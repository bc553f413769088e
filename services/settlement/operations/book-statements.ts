import type { MessageInitShape } from "@bufbuild/protobuf";
import { AccountStatus } from "#gen/mizan/billing/v1/account_pb.ts";
import {
  type NewTransferSchema,
  TransferStatus,
  TransferStatusSchema,
} from "#gen/mizan/billing/v1/transfer_pb.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { bytesOf, derivedId, hexOf, newId } from "#mesh/ids.ts";
import type { Looked } from "#mesh/events/waker.ts";
import { BOOKING_RETRY_MS, BOOKINGS_PER_CALL, MAX_COUNTED_DIFFERENCES } from "#mesh/limits.ts";
import { fromMinor } from "#mesh/money.ts";
import type { LedgerClient, Settlement } from "../context.ts";
import { currency } from "../domain/currency.ts";
import { type Alarm, payoutAlarms } from "../events.ts";
import {
  type Booking,
  countBookings,
  delayBookings,
  endBookings,
  findDueBookings,
} from "../store/bookings.ts";

/** What booking needs. */
type Means = Pick<Settlement, "db" | "metrics"> & { readonly ledger: LedgerClient };

/**
 * Has the ledger make a batch of the transfers that statements have shown to be due: what has left
 * an account ends FLOW-10, what has come in of nobody is FLOW-31. The ids follow from payout and
 * line, so that each is made once, whoever asks again. What the ledger refuses stays and is tried
 * again later, and administrators are told. Tells whether there may be more.
 */
export async function bookStatements({ db, metrics, ledger }: Means): Promise<Looked> {
  const waiting = metrics.gauge(
    "mizan_settlement_bookings_waiting",
    "Transfers that statements have shown.",
  );
  const refusals = metrics.counter("mizan_settlement_bookings_refused_total", "Transfers refused.");
  waiting.set(await countBookings(db.sql, MAX_COUNTED_DIFFERENCES));
  const due = await findDueBookings(db.sql, BOOKINGS_PER_CALL);
  if (due.length === 0) return undefined;
  await openAccounts(ledger, new Set(due.map(({ provider }) => provider)));
  const request = { requestId: newId(), transfers: due.map(toTransfer) };
  const { results } = await ledger.createTransfers(request);
  const ended = due.map((booking, place) => ({ booking, status: results[place]!.status }));
  const made = ended.filter(isMade).map(({ booking }) => booking.path);
  const refused = ended.filter((one) => !isMade(one));
  if (refused.length > 0) refusals.add({}, refused.length);
  await transaction(db, async (tx) => {
    await endBookings(tx, made);
    await delayBookings(tx, refused.map(toDelay));
    await payoutAlarms(tx, refused.filter(({ booking }) => booking.tries === 0).map(toAlarm));
  });
  return due.length === BOOKINGS_PER_CALL;
}

/** The accounts of a bank that the ledger may lack: its mirror, and what came in of nobody. */
async function openAccounts(ledger: LedgerClient, providers: ReadonlySet<string>): Promise<void> {
  const accounts = [...providers].flatMap((provider) => [
    { id: accountId(custodyOf(provider)), asset: currency.asset, code: BANK_CUSTODY },
    { id: accountId(bankInOf(provider)), asset: currency.asset, code: BANK_IN_ACCOUNT },
  ]);
  const { results } = await ledger.createAccounts({ requestId: newId(), accounts });
  const refused = results.find(
    ({ status }) => status !== AccountStatus.CREATED && status !== AccountStatus.EXISTS,
  );
  if (refused === undefined) return;
  throw new Error(`the ledger refused an account of a bank with status ${refused.status}`);
}

function toTransfer(booking: Booking): MessageInitShape<typeof NewTransferSchema> {
  const { path, provider, payoutId, amountMinor, reference } = booking;
  const custody = accountId(custodyOf(provider));
  const same = {
    id: bytesOf(derivedId(`transfer/${path}`)),
    asset: currency.asset,
    amount: fromMinor(amountMinor, currency.scale),
    reference,
  };
  if (payoutId === null) {
    const creditAccountId = accountId(bankInOf(provider));
    return { ...same, debitAccountId: custody, creditAccountId, code: BANK_IN };
  }
  const debitAccountId = accountId(BANK_OUT_ACCOUNT);
  const userData = bytesOf(hexOf(payoutId));
  return { ...same, debitAccountId, creditAccountId: custody, code: PAYOUT_STATEMENT, userData };
}

type Ended = { readonly booking: Booking; readonly status: TransferStatus };

function isMade({ status }: Ended): boolean {
  return status === TransferStatus.CREATED || status === TransferStatus.EXISTS;
}

function toDelay({ booking, status }: Ended) {
  const { first, most } = BOOKING_RETRY_MS;
  const delayMs = Math.min(first * 2 ** booking.tries, most);
  return { path: booking.path, status: nameOf(status), delayMs };
}

function toAlarm({ booking, status }: Ended): Alarm {
  const { path, provider, payoutId } = booking;
  const detail = `The ledger does not book ${path}, which a statement shows: ${nameOf(status)}.`;
  return { kind: "STATEMENT_DIFFERS", payoutId: payoutId ?? "", provider, detail };
}

function nameOf(status: TransferStatus): string {
  return TransferStatusSchema.value[status]?.localName ?? String(status);
}

function accountId(path: string): Uint8Array<ArrayBuffer> {
  return bytesOf(derivedId(`account/${path}`));
}

/** The paths of the ledger's chart of accounts. */
const custodyOf = (provider: string) => `custody/bank/${provider}`;
const bankInOf = (provider: string) => `clearing/bank_in/${provider}`;
const BANK_OUT_ACCOUNT = `clearing/bank_out/${currency.asset}`;

/** The kinds of the accounts that may have to be opened, numbers of the ledger's chart. */
const BANK_CUSTODY = 600;
const BANK_IN_ACCOUNT = 301;

/** Why the money moves, numbers of the ledger's chart: a payout on a statement, and FLOW-31. */
const PAYOUT_STATEMENT = 14;
const BANK_IN = 29;
