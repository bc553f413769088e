import { coalesce } from "#mesh/coalesce.ts";
import { retryLater } from "#mesh/errors.ts";
import * as limits from "#mesh/limits.ts";
import { fail as failForAll } from "#mesh/reasons.ts";
import type { Withdrawal } from "../domain/withdrawal.ts";
import { type Current, keepAnswers } from "../store/withdrawal-moves.ts";
import { findChanged } from "../store/withdrawals.ts";
import { answerOf } from "./answer.ts";
import type { Runner } from "./runner.ts";
import type { Saga } from "./advance.ts";
import { inProgress, type Order, takeOrders, type Verdict } from "./take-order.ts";
import { isSettled, waitForEnd } from "./wait-for-end.ts";

/**
 * Takes an order, once a key, and answers with what became of it: its end, or the state that it has
 * when the wait is over, which is its answer for ever then. Orders that come at the same time share
 * statements and calls. Throws what `takeOrders` refuses with, and OVERLOADED.
 */
export type Accept = (order: Order, waits: Waits) => Promise<Accepted>;

/** How a caller waits. */
type Waits = {
  /** Aborts when the caller is gone; what is stored is carried out all the same. */
  readonly signal: AbortSignal;
  /** Is called once all that is left is to wait. */
  readonly rest: () => void;
};

/** The answer, and whether it is that of an earlier call. */
type Accepted = {
  readonly answer: Withdrawal | Uint8Array;
  readonly isReplay: boolean;
};

/** Begins to take orders. */
export function createAccept(saga: Saga, runner: Runner): Accept {
  const storing = coalesce<Order, Verdict>({
    ...limits.STORED_WITHDRAWALS,
    flush: async (orders) => takeOrders(saga, orders),
  });
  const keeping = coalesce<Told, boolean>({
    ...limits.STORED_WITHDRAWALS,
    flush: async (answers) => {
      const kept = await keepAnswers(saga.db.sql, answers);
      return answers.map(({ id }) => kept.has(id));
    },
  });
  const calls = new Set<string>();
  let waiting = 0;
  saga.metrics.watch("mizan_withdrawals_waiting", "Calls that wait for an end.", () => waiting);

  /** The state of now as the answer for ever, unless another one was faster. */
  const keep = async (seen: Withdrawal): Promise<Current> => {
    for (let row = seen; ;) {
      const { id, version } = row;
      if (await keeping.add({ id, version, answer: answerOf(row) })) {
        return { row, answer: undefined };
      }
      const [now] = await findChanged(saga.db.sql, [{ id, version: 0 }]);
      if (isSettled(now!)) return now!;
      row = now!.row;
    }
  };
  const settle = async (row: Withdrawal, order: Order, waits: Waits) => {
    const isFull = waiting >= limits.MAX_WAITING_WITHDRAWALS;
    waits.rest();
    waiting += 1;
    try {
      const seen: Current = { row, answer: undefined };
      const bounds = { signal: waits.signal, endMs: order.endMs };
      const now = isFull ? seen : await waitForEnd(saga, seen, bounds);
      const { row: last, answer } = isSettled(now) ? now : await keep(now.row);
      return answer ?? last;
    } finally {
      waiting -= 1;
    }
  };
  return async (order, waits) => {
    if (runner.count() >= limits.MAX_UNDER_WAY_WITHDRAWALS) throw overloaded();
    calls.add(order.id);
    try {
      const verdict = await storing.add(order, waits.signal);
      if (verdict.kind === "REFUSED") throw verdict.error;
      if (verdict.kind === "STORED") {
        runner.run(verdict.row);
        return { answer: await settle(verdict.row, order, waits), isReplay: false };
      }
      const { row, answer } = verdict.earlier;
      if (isSettled(verdict.earlier)) return { answer: answer ?? row, isReplay: true };
      if (calls.has(row.id)) throw inProgress(order.call.key);
      return { answer: await settle(row, order, waits), isReplay: true };
    } finally {
      calls.delete(order.id);
    }
  };
}

type Told = { readonly id: string; readonly version: number; readonly answer: Uint8Array };

function overloaded() {
  const values = { resource: "the withdrawals", retry_ms: limits.OVERLOAD_RETRY_MS };
  return retryLater(failForAll("OVERLOADED", values), limits.OVERLOAD_RETRY_MS);
}
