import { createPusher, type Hook } from "../pusher.ts";
import { createWheel } from "../wheel.ts";
import type { Script } from "./script.ts";
import type { State } from "./state.ts";

/** Something that will be known about a text; when it is pushed, the customer hears it. */
type Due = { readonly n: number; readonly status: number; readonly isPushed: boolean };

/** Makes receipts of accepted texts when they are due, by the script of each. */
export function createReceipts(state: State) {
  const pusher = createPusher({
    hook: () => state.settings.hook,
    maxItems: MOST_RECEIPTS,
    write: writePush,
    onPushed: (pushes) => state.store?.settle(pushes.map(({ n }) => n)),
  });
  const toPush = ({ n, status }: Due): Push => ({ n, status, mid: state.midOf(n) });
  const fire = (due: readonly Due[]) => {
    for (const { n, status } of due) state.memory.setStatus(n, status);
    pusher.add(due.filter(({ isPushed }) => isPushed).map(toPush));
  };
  const wheel = createWheel(fire);
  const plan = (n: number, script: Script) => {
    const { receiptStatus: status, receiptLost, receiptEarly, receiptCopies } = script;
    if (status <= 0) return state.memory.setStatus(n, status);
    const dueMs = performance.now() + script.receiptDelayMs;
    const due = { n, status, isPushed: !receiptLost };
    const copies = due.isPushed ? receiptCopies - (receiptEarly ? 1 : 0) : 1;
    for (let copy = 0; copy < copies; copy++) wheel.add(due, dueMs + copy * COPY_MS);
    if (script.secondStatus > 0)
      wheel.add({ n, status: script.secondStatus, isPushed: true }, dueMs + script.secondDelayMs);
  };
  return {
    plan,
    /** Plans a receipt that an earlier run has left. */
    planAgain: (n: number, status: number, delayMs: number) =>
      wheel.add({ n, status, isPushed: true }, performance.now() + delayMs),
    /** Pushes the receipts that come before the answer of the submit. */
    pushEarly: async (texts: readonly { readonly n: number; readonly script: Script }[]) => {
      const due = texts
        .filter(({ script }) => script.receiptEarly && script.receiptStatus > 0)
        .map(({ n, script }) => ({ n, status: script.receiptStatus, isPushed: true }));
      if (due.length === 0) return;
      for (const { n, status } of due) state.memory.setStatus(n, status);
      await pusher.pushNow(due.map(toPush));
    },
    counts: () => ({ ...pusher.counts(), planned: wheel.waiting() }),
    [Symbol.dispose]: () => {
      wheel[Symbol.dispose]();
      pusher[Symbol.dispose]();
    },
  };
}

export type Receipts = ReturnType<typeof createReceipts>;

/** A receipt on its way to the customer. */
type Push = { readonly n: number; readonly mid: string; readonly status: number };

/** Writes a call; the secret is the password of Basic authentication. */
function writePush(pushes: readonly Push[], { secret }: Hook) {
  const receipts = pushes.map(({ mid, status }) => ({ mid, status }));
  const basic = Buffer.from(`magfa:${secret}`).toString("base64");
  return { headers: { authorization: `Basic ${basic}` }, body: JSON.stringify({ receipts }) };
}

const MOST_RECEIPTS = 500;
const COPY_MS = 20;
