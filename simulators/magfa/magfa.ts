import { answerJson, type Exchange, type Peer } from "../http.ts";
import type { Hook } from "../pusher.ts";
import { createMemory } from "./accepted.ts";
import { control } from "./control.ts";
import { type Account, createGateway } from "./gateway.ts";
import { createReceipts } from "./receipts.ts";
import { type Received, type ReceivedQuery, received } from "./received.ts";
import { type Change, changed, usualSettings } from "./settings.ts";
import { noCalls, openState } from "./state.ts";

/** A simulated Magfa: HTTP v2 below `api/http/sms/v2/`, and its script below `control`. */
export type Magfa = Peer & {
  readonly change: (change: Change) => void;
  /** Forgets the script. */
  readonly reset: () => void;
  readonly received: (query?: ReceivedQuery) => Received;
  /** Forgets what was received; its ids are never given again. */
  readonly forget: () => Promise<void>;
};

export type MagfaOptions = {
  readonly account: Account;
  readonly hook?: Hook | undefined;
  /** A file in which accepted texts survive a crash; without it nothing does. */
  readonly store?: string | undefined;
  /** Closes the port of all simulators for so many milliseconds. */
  readonly refuse: (ms: number) => void;
};

/** Starts a simulated Magfa; what an earlier run has left in the file goes on. */
export async function createMagfa({ account, hook, store, refuse }: MagfaOptions): Promise<Magfa> {
  const { state, due } = await openState(store, hook);
  const receipts = createReceipts(state);
  for (const { n, status, dueMs } of due)
    receipts.planAgain(n, status, Math.max(0, dueMs - Date.now()));
  const gateway = createGateway(account, state, receipts);
  const script = {
    change: (change: Change) => {
      state.settings = changed(state.settings, change);
      const { mode, ms = 0 } = change.down ?? {};
      if (mode === "refuse") refuse(ms);
      else if (mode === "http503") state.awayUntilMs = performance.now() + ms;
    },
    reset: () => {
      state.settings = usualSettings(hook);
      state.awayUntilMs = 0;
    },
    received: (query: ReceivedQuery = {}) => received(state, receipts, query),
    forget: async () => {
      const next = state.memory.nextNumber();
      await state.store?.clear(next);
      state.memory = createMemory(next);
      state.calls = noCalls();
    },
  };
  const handle = async (exchange: Exchange) => {
    if (/^control(\/|$)/.test(exchange.path)) return control(exchange, script, state);
    if (performance.now() >= state.awayUntilMs) return gateway(exchange);
    return answerJson(exchange.response, 503, '{"error":"away"}');
  };
  const close = async () => {
    receipts[Symbol.dispose]();
    await state.store?.[Symbol.asyncDispose]();
  };
  return { ...script, handle, [Symbol.asyncDispose]: close };
}
