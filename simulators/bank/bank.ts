import { toMinor } from "#mesh/money.ts";
import { answerJson, type Exchange, type Peer } from "../http.ts";
import type { Hook } from "../pusher.ts";
import { SCALE } from "./book.ts";
import { control } from "./control.ts";
import { createGateway } from "./gateway.ts";
import { createNews } from "./news.ts";
import { type Received, type ReceivedQuery, received } from "./received.ts";
import { type Change, changed, usualSettings } from "./settings.ts";
import { noCalls, type State } from "./state.ts";
import { openStore } from "./store.ts";
import { unprocessed } from "./submit.ts";

/** A simulated bank: our protocol below `v1/`, and its script below `control`. */
export type Bank = Peer & {
  /** Is resolved when the change survives a crash, as far as it is one of the book. */
  readonly change: (change: Change) => Promise<void>;
  /** Forgets the script, and opens its port again. */
  readonly reset: () => void;
  readonly received: (query?: ReceivedQuery) => Promise<Received>;
  /** Forgets what was paid; its references are never given again. */
  readonly forget: () => Promise<void>;
};

export type BankOptions = {
  readonly name: string;
  /** What customers show. */
  readonly key: string;
  readonly hook?: Hook | undefined;
  /** A file in which the book survives a crash; without it nothing does. */
  readonly store?: string | undefined;
  /** Closes its port for so many milliseconds; 0 opens it at once. */
  readonly refuse: (ms: number) => void;
};

/** Starts a simulated bank; what an earlier run has left in the file goes on. */
export async function createBank(options: BankOptions): Promise<Bank> {
  const { name, key, hook, refuse } = options;
  const store = await openStore(options.store);
  const state: State = {
    name,
    settings: usualSettings(hook),
    away: there,
    calls: noCalls(),
    store,
  };
  const news = createNews(state);
  for (const payment of store.book().payments()) news.planAgain(payment);
  const gateway = createGateway(key, state, news);
  const script = {
    change: async (change: Change) => {
      state.settings = changed(state.settings, change);
      const { mode, ms = 0 } = change.down ?? {};
      if (mode === "refuse") refuse(ms);
      else if (mode !== undefined)
        state.away = { untilMs: performance.now() + ms, saysWhy: mode === "maintenance" };
      if (change.balance !== undefined) store.setBalance(toMinor(change.balance, SCALE));
      for (const { direction, reference, amount } of change.lines ?? [])
        store.addLine({
          direction,
          reference,
          amountMinor: toMinor(amount, SCALE),
          atMs: Date.now(),
        });
      await store.written();
    },
    reset: () => {
      state.settings = usualSettings(hook);
      state.away = there;
      refuse(0);
    },
    received: async (query: ReceivedQuery = {}) => {
      const shown = received(state, news, query);
      await store.written(); // what a crash undoes was never told
      return shown;
    },
    forget: async () => {
      await store.clear();
      state.calls = noCalls();
    },
  };
  const handle = async (exchange: Exchange) => {
    if (/^control(\/|$)/.test(exchange.path)) return control(exchange, script, state);
    const { untilMs, saysWhy } = state.away;
    if (performance.now() >= untilMs) return gateway(exchange);
    if (saysWhy) return answerJson(exchange.response, 503, unprocessed("MAINTENANCE"));
    exchange.response.writeHead(503).end();
  };
  const close = async () => {
    news[Symbol.dispose]();
    await store[Symbol.asyncDispose]();
  };
  return { ...script, handle, [Symbol.asyncDispose]: close };
}

const there: State["away"] = { untilMs: 0, saysWhy: false };
