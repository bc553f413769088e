import {
  type ConnectionOptions,
  connect,
  type NatsConnection,
  type TlsOptions,
} from "@nats-io/transport-node";
import { setTimeout as sleep } from "node:timers/promises";
import * as limits from "../limits.ts";
import type { Log } from "../log.ts";

/** Where the broker is and who we are to it. */
export type BrokerOptions = {
  /** nats: or tls:, with the user and password if there are any. */
  readonly url: string;
  readonly name: string;
  readonly log: Log;
  /** The certificates for a broker that is reached over TLS (N16). */
  readonly tls?: TlsOptions;
};

/** A connection that comes back for ever. */
export type BrokerConnection = AsyncDisposable & {
  readonly connected: boolean;
  /** The connection; throws while the broker is away. */
  connection(): NatsConnection;
  onConnect(listener: () => void): Disposable;
  onLost(listener: () => void): Disposable;
};

/** Connects, for as long as it takes; returns after a moment even when it has not succeeded yet. */
export async function holdConnection(options: BrokerOptions): Promise<BrokerConnection> {
  const stopped = new AbortController();
  const connects = new Set<() => void>();
  const losses = new Set<() => void>();
  let live: NatsConnection | undefined;
  let connected = false;
  const turn = (now: boolean) => {
    if (connected === now) return;
    connected = now;
    options.log.info(now ? "The broker is there." : "The broker is away.");
    for (const listener of now ? connects : losses) listener();
  };
  const first = Promise.withResolvers<void>();
  const follow = async () => {
    live = await dial(options, stopped.signal);
    if (live === undefined) return;
    turn(true);
    first.resolve();
    for await (const { type } of live.status()) {
      if (type === "reconnect") turn(true);
      else if (type === "disconnect" || type === "close") turn(false);
    }
  };
  const following = follow();
  const moment = AbortSignal.timeout(limits.BROKER_CONNECT_MS);
  moment.addEventListener("abort", () => first.resolve(), { once: true });
  await first.promise;
  return {
    get connected() {
      return connected;
    },
    connection: () => {
      if (live === undefined || !connected) throw new Error("the broker is away");
      return live;
    },
    onConnect: (listener) => listen(connects, listener),
    onLost: (listener) => listen(losses, listener),
    [Symbol.asyncDispose]: async () => {
      stopped.abort();
      await live?.close();
      await following;
    },
  };
}

/** Tries until the broker answers; undefined when told to stop before. */
async function dial(
  { url, name, tls, log }: BrokerOptions,
  signal: AbortSignal,
): Promise<NatsConnection | undefined> {
  const settings = { ...lasting, ...addressOf(url, tls), name };
  for (let tries = 0; !signal.aborted; tries += 1) {
    try {
      return await connect(settings);
    } catch (error) {
      if (tries === 0) log.warn({ err: error }, "The broker can't be reached; trying on.");
    }
    const waitMs = limits.BROKER_RECONNECT_MS * (1 + Math.random());
    await sleep(waitMs, undefined, { signal }).catch(() => {});
  }
  return undefined;
}

function addressOf(url: string, tls: TlsOptions | undefined): ConnectionOptions {
  const { host, username, password, protocol } = new URL(url);
  return {
    servers: host,
    ...(username === "" ? {} : { user: decodeURIComponent(username) }),
    ...(password === "" ? {} : { pass: decodeURIComponent(password) }),
    ...(protocol === "tls:" || tls !== undefined ? { tls: tls ?? {} } : {}),
  };
}

function listen(listeners: Set<() => void>, listener: () => void): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => listeners.delete(listener) };
}

/** N12: the client would give up after ten tries. */
const lasting: ConnectionOptions = {
  maxReconnectAttempts: -1,
  reconnectTimeWait: limits.BROKER_RECONNECT_MS,
  reconnectJitter: limits.BROKER_RECONNECT_MS,
  reconnectJitterTLS: limits.BROKER_RECONNECT_MS,
  ignoreAuthErrorAbort: true, // a broker that is being set up may not know us yet
  pingInterval: limits.BROKER_PING_MS,
  maxPingOut: 2,
  timeout: limits.BROKER_TIMEOUT_MS,
  noAsyncTraces: true,
};
