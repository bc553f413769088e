import { connect, type Socket } from "node:net";
import * as limits from "#mesh/limits.ts";
import { type AnswerHead, BadAnswer } from "./answer-head.ts";
import { answerReader } from "./answer-reader.ts";
import type { Failure } from "./failures.ts";

/** How long a service may take to connect and to begin its answer, in milliseconds. */
export type Patience = { readonly connectMs?: number; readonly answerMs?: number };

/** Whoever has asked over a connection; after `end` or `fail` nothing more is told. */
export type Asker = {
  readonly head: (head: AnswerHead) => void;
  readonly data: (data: Buffer) => void;
  /** All that has come at a time has been told; more may come much later. */
  readonly lull: () => void;
  /** The answer is whole. */
  readonly end: () => void;
  /** More may be written again, after a write that said no. */
  readonly drain: () => void;
  readonly fail: (failure: Failure) => void;
};

/** Where a connection goes, and who is told when it may serve again and when it has ended. */
export type ConnectionOptions = {
  readonly host: string;
  readonly port: number;
  readonly patience: Patience;
  readonly free: (connection: Connection) => void;
  readonly gone: (connection: Connection) => void;
};

/**
 * A connection to a service, which serves one request at a time. No request is ever sent twice: one
 * that was written when the connection broke may have been taken. The timers live as long as the
 * connection does, since new ones for each request cost more.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #away: NodeJS.Timeout;
  readonly #slow: NodeJS.Timeout;
  readonly #idle: NodeJS.Timeout;
  #asker: Asker | undefined;
  #isSent = false;
  #isAnswered = false;
  /** Until when the service keeps the connection for another request, as performance.now(). */
  #keptUntil = Number.POSITIVE_INFINITY;

  readonly #reader = answerReader({
    head: (head) => {
      this.#isAnswered = true;
      this.#asker?.head(head);
    },
    data: (data) => this.#asker?.data(data),
    end: (keptMs) => this.#end(keptMs),
  });

  /** Connects; the first request can be written at once. */
  constructor(options: ConnectionOptions) {
    const { host, port, patience } = options;
    const { connectMs = limits.ROUTER_CONNECT_MS, answerMs = limits.ROUTER_ANSWER_MS } = patience;
    this.#options = options;
    this.#away = setTimeout(() => this.#fail("SERVICE_AWAY"), connectMs);
    this.#slow = setTimeout(() => this.#isLate(), answerMs);
    this.#idle = setTimeout(() => this.#asker ?? this.destroy(), limits.ROUTER_IDLE_MS);
    this.#socket = connect({ host, port, noDelay: true, ...probed });
    this.#listen();
  }

  /** Takes the connection for a request; false when it has ended, or the service may be ending it. */
  ask(asker: Asker, method: string): boolean {
    const { writable, readable } = this.#socket;
    if (!writable || !readable || performance.now() > this.#keptUntil) return false;
    this.#asker = asker;
    this.#isSent = false;
    this.#isAnswered = false;
    this.#reader.expect(method);
    return true;
  }

  /** Returns whether more may be written at once. A text has one byte a character. */
  write(...parts: readonly (string | Buffer)[]): boolean {
    if (parts.length > 1) this.#socket.cork();
    for (const part of parts) this.#socket.write(part, "latin1");
    if (parts.length > 1) this.#socket.uncork();
    return !this.#socket.writableNeedDrain;
  }

  /** Says that the request has been written whole: now the service has its time to answer. */
  sent(): void {
    this.#isSent = true;
    this.#slow.refresh();
  }

  /** Lets the answer come, or waits with it. */
  flow(flows: boolean): void {
    if (flows) this.#socket.resume();
    else this.#socket.pause();
  }

  /** Ends the connection without a word to whoever has asked. */
  destroy(): void {
    this.#asker = undefined;
    this.#socket.destroy();
  }

  #listen(): void {
    const socket = this.#socket;
    let isConnected = false;
    socket.on("connect", () => {
      isConnected = true;
      clearTimeout(this.#away);
    });
    socket.on("data", (bytes: Buffer) => {
      if (this.#asker === undefined) this.destroy(); // nobody has asked for this
      else this.#understand(() => this.#reader.read(bytes));
      this.#asker?.lull();
    });
    socket.on("drain", () => this.#asker?.drain());
    socket.on("end", () => {
      if (this.#asker !== undefined) this.#understand(() => this.#reader.finish());
      this.destroy();
    });
    socket.on("error", () => undefined); // "close" comes next
    socket.on("close", () => {
      for (const timer of [this.#away, this.#slow, this.#idle]) clearTimeout(timer);
      this.#options.gone(this);
      this.#fail(isConnected ? "SERVICE_BROKE_OFF" : "SERVICE_AWAY");
    });
  }

  #understand(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof BadAnswer)) throw error;
      this.#fail("SERVICE_BROKE_OFF");
    }
  }

  #end(keptMs: number): void {
    const asker = this.#asker;
    this.#asker = undefined;
    // A service that has not read all of the request would take the rest for the next one.
    if (keptMs > 0 && this.#isSent && this.#socket.writableLength === 0) {
      this.#keptUntil = performance.now() + keptMs;
      this.#socket.resume();
      this.#idle.refresh();
      this.#options.free(this);
    } else this.#socket.destroy();
    asker?.end();
  }

  #isLate(): void {
    if (this.#asker === undefined || !this.#isSent || this.#isAnswered) return;
    if (this.#socket.writableLength > 0) this.#slow.refresh(); // it still takes the request
    else this.#fail("SERVICE_TOO_SLOW");
  }

  #fail(failure: Failure): void {
    const asker = this.#asker;
    this.destroy();
    asker?.fail(failure);
  }
}

/** A peer that vanished is noticed. */
const probed = { keepAlive: true, keepAliveInitialDelay: 1000 };
