import { createHmac } from "node:crypto";
import { createPusher, type Hook } from "../pusher.ts";
import { createWheel } from "../wheel.ts";
import type { Payment, Status } from "./book.ts";
import type { State } from "./state.ts";
import { told } from "./told.ts";

/** What becomes of a payment later: its end, or what is told after that. */
type Due = { readonly payment: Payment; readonly step: "end" | "second" };

/** A call-back; its id stays the same for every copy. */
type News = { readonly eventId: string; readonly payment: Payment; readonly status: Status };

/** What brings payments to their ends when these are due, and tells the customer. */
export type BankNews = ReturnType<typeof createNews>;

/** Ends payments and calls the customer back, by the script of each. */
export function createNews(state: State) {
  const { store } = state;
  const write = ([news]: readonly News[], hook: Hook) => writeCallback(state, news!, hook);
  const pusher = createPusher<News>({ hook: () => state.settings.hook, maxItems: 1, write });
  const tell = async (news: readonly News[]) => {
    await store.written(); // what a crash undoes was never told
    pusher.add(news);
  };
  const wheel = createWheel<Due>((due) => void tell(due.flatMap(happen)));
  const later = (due: Due, delayMs: number) => wheel.add(due, performance.now() + delayMs);

  /** Lets what is due happen; returns what is told of it. */
  const happen = ({ payment, step }: Due): readonly News[] => {
    const { script } = payment;
    if (store.book().at(payment.n) !== payment) return []; // forgotten meanwhile
    if (step === "end") {
      if (script.end === "none" || payment.status !== "ACCEPTED") return [];
      store.setStatus(payment, script.end, Date.now());
      planSecond(payment);
      const late = script.callbackDisorder ? copiesOf(payment, "ACCEPTED", "late") : [];
      return [...copiesOf(payment, script.end, "end"), ...late];
    }
    if (script.second === "none") return [];
    if (script.second === "RETURNED") {
      if (payment.status !== "COMPLETED") return [];
      store.setStatus(payment, "RETURNED", Date.now());
    }
    return copiesOf(payment, script.second, "second");
  };
  const planSecond = (payment: Payment, delayMs = payment.script.secondDelayMs) => {
    if (payment.script.second !== "none") later({ payment, step: "second" }, delayMs);
  };
  const copiesOf = (payment: Payment, status: Status, which: string): readonly News[] => {
    const eventId = `${store.book().bankReferenceOf(payment.n)}-${which}`;
    const copies = Array.from({ length: payment.script.callbackCopies });
    return copies.map(() => ({ eventId, payment, status }));
  };
  return {
    /** Plans what becomes of payments that were just taken; early ends are told at once. */
    plan: async (taken: readonly Payment[]) => {
      const early: News[] = [];
      for (const payment of taken) {
        const { script, status } = payment;
        if (status === "COMPLETED") planSecond(payment);
        if (status !== "ACCEPTED") continue;
        const due = { payment, step: "end" } as const;
        if (script.callbackEarly) early.push(...happen(due));
        else later(due, script.endDelayMs);
      }
      if (early.length === 0) return;
      await store.written();
      await Promise.all(early.map((news) => pusher.pushNow([news])));
    },
    /** Plans again what an earlier run has left. A call-back that was under way is lost. */
    planAgain: (payment: Payment) => {
      const { script, status, atMs } = payment;
      const endMs = atMs + script.endDelayMs;
      if (status === "ACCEPTED") later({ payment, step: "end" }, leftUntil(endMs));
      else if (status === "COMPLETED" && script.second === "RETURNED")
        planSecond(payment, leftUntil(endMs + script.secondDelayMs));
    },
    counts: () => ({ ...pusher.counts(), planned: wheel.waiting() }),
    [Symbol.dispose]: () => {
      wheel[Symbol.dispose]();
      pusher[Symbol.dispose]();
    },
  };
}

function leftUntil(dueMs: number): number {
  return Math.max(0, dueMs - Date.now());
}

/** Writes a call-back as docs/banks.md has it; each attempt has a signature of its own. */
function writeCallback(
  { store }: State,
  { eventId, payment, status }: News,
  { secret }: Hook,
): { headers: Record<string, string>; body: string } {
  const body = JSON.stringify({ event_id: eventId, ...told(store.book(), payment, status) });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  return { headers: { "bank-timestamp": timestamp, "bank-signature": `v1=${signature}` }, body };
}
