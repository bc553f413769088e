import { TransferStatus } from "#gen/mizan/billing/v1/transfer_pb.ts";
import { bytesOf, derivedId } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Clients, Customer } from "./clients.ts";
import type { Action, Answer } from "./perform.ts";

/** What the clients of the load do beside holds, each with a number of its own. */
export type Actions = ReturnType<typeof actionsOf>;

/** Makes actions on a stack. `run` sets the keys of this run apart from those of others. */
export function actionsOf(clients: Clients, run: string) {
  return {
    register: (n: number): Action & { readonly customer: Customer } => {
      const customer = { username: `user-${run}-${n}`, password: `secret of ${run}` };
      const request = { requestId: `register-${run}-${n}`, ...customer };
      const ask = async (signal: AbortSignal) => {
        const { user } = await clients.anyone.users.registerUser(request, { signal });
        return done(user?.id ?? "");
      };
      const effect = `user ${customer.username}`;
      return { kind: "register", key: request.requestId, effect, ask, customer };
    },

    charge: (n: number, userId: string, cents = CHARGE_CENTS): Action => {
      const reference = `charge-${run}-${n}`;
      const amount = irr(cents + centsOf(n));
      const request = { requestId: reference, userId, amount, reference };
      const ask = async (signal: AbortSignal) => {
        const { wallet } = await clients.admin();
        const { entry, balance } = await wallet.chargeAccount(request, { signal });
        return done(`${entry?.id} ${balance?.total?.amount}`);
      };
      return { kind: "charge", key: reference, effect: reference, ask };
    },

    transfer: (n: number, from: string, to: string): Action => {
      const id = derivedId(`transfer/kill/${run}/${n}`);
      const transfer = {
        id: bytesOf(id),
        debitAccountId: accountOf(from),
        creditAccountId: accountOf(to),
        ...irr(centsOf(n)),
        code: 100,
      };
      const request = { requestId: `transfer-${run}-${n}`, transfers: [transfer] };
      const ask = async (signal: AbortSignal) => {
        const { results } = await clients.ledger.createTransfers(request, { signal });
        const { status, transfer: stored } = results[0]!;
        const { CREATED, EXISTS } = TransferStatus;
        return status === CREATED || status === EXISTS ? done(`seq ${stored?.seq}`) : refused("no");
      };
      return { kind: "transfer", key: request.requestId, effect: `transfer ${id}`, ask };
    },
  };
}

/** An amount that no other action of the run has, so that its notification can be told apart. */
export function centsOf(n: number): bigint {
  return 1000n + BigInt(n);
}

/** Enough for many holds, so that most are granted and some are not. */
const CHARGE_CENTS = 5000n;

/** Cents as the wire wants them. */
export function irr(cents: bigint) {
  return { asset: "IRR", amount: fromMinor(cents, 2) };
}

function accountOf(userId: string): Uint8Array<ArrayBuffer> {
  return bytesOf(derivedId(`account/user/${userId}/available/IRR`));
}

/** The answer of a call that did what it was asked for. */
export function done(reply: string): Answer {
  return { done: true, reply };
}

/** The answer of a call that was refused for good. */
export function refused(reply: string): Answer {
  return { done: false, reply };
}
