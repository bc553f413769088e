import type { IncomingMessage, ServerResponse } from "node:http";
import { listenHttp } from "#mesh/edge/http-server.ts";
import { type Bank, type BankOptions, createBank } from "./bank/bank.ts";
import { answerJson, type Peer, Refusal } from "./http.ts";
import { createMagfa, type Magfa, type MagfaOptions } from "./magfa/magfa.ts";

/** The open port of all simulated providers, each below its own name. */
export type Simulators = AsyncDisposable & {
  readonly port: number;
  readonly magfa: Magfa;
  /** The banks in the order of the options, each with a port of its own beside. */
  readonly banks: readonly OpenBank[];
};

export type SimulatorsOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly magfa: Omit<MagfaOptions, "refuse">;
  readonly banks?: readonly (Omit<BankOptions, "refuse"> & { readonly port: number })[];
};

/**
 * Starts the simulated providers on one port. A bank has a port of its own too, so that it can be
 * gone while others are there.
 */
export async function startSimulators(options: SimulatorsOptions): Promise<Simulators> {
  const { host, port, banks = [] } = options;
  await using stack = new AsyncDisposableStack();
  const refuse = (ms: number) => door.refuse(ms);
  const magfa = stack.use(await createMagfa({ ...options.magfa, refuse }));
  const opened: OpenBank[] = [];
  for (const bank of banks) opened.push(await openBank(host, bank, stack));
  const named = opened.map(({ name, bank }) => [name, bank] as const);
  const peers = Object.fromEntries<Peer>([["magfa", magfa], ...named]);
  const door: Door = stack.use(
    await openDoor({ host, port }, (request, response) => void answer(peers, request, response)),
  );
  const open = stack.move();
  return {
    port: door.port,
    magfa,
    banks: opened,
    [Symbol.asyncDispose]: async () => open.disposeAsync(),
  };
}

/** A simulated bank with its own port. */
export type OpenBank = { readonly name: string; readonly bank: Bank; readonly port: number };

/** Opens a bank on a port of its own, which closes before it. */
async function openBank(
  host: string,
  { port, ...options }: NonNullable<SimulatorsOptions["banks"]>[number],
  stack: AsyncDisposableStack,
): Promise<OpenBank> {
  const refuse = (ms: number) => door.refuse(ms);
  const bank = stack.use(await createBank({ ...options, refuse }));
  const door: Door = stack.use(
    await openDoor({ host, port }, (request, response) => void answerOne(bank, request, response)),
  );
  return { name: options.name, bank, port: door.port };
}

/** A port that can be closed for a time. */
type Door = AsyncDisposable & {
  readonly port: number;
  /** Closes it for so many milliseconds; 0 opens it at once. */
  readonly refuse: (ms: number) => void;
};

async function openDoor(
  { host, port }: { readonly host: string; readonly port: number },
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Door> {
  const http = await listenHttp({ host, port }, handle);
  let timer: NodeJS.Timeout | undefined;
  const open = () => {
    if (!http.server.listening) http.server.listen(http.port, host);
  };
  const refuse = (ms: number) => {
    clearTimeout(timer);
    if (ms === 0) return open();
    http.server.close();
    http.server.closeAllConnections();
    timer = setTimeout(open, ms);
  };
  const close = async () => {
    clearTimeout(timer);
    await http[Symbol.asyncDispose]();
  };
  return { port: http.port, refuse, [Symbol.asyncDispose]: close };
}

async function answer(
  peers: Readonly<Record<string, Peer>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://simulator");
  if (url.pathname === "/readyz") return answerJson(response, 200, '{"ready":true}');
  const [, name = "", path = ""] = /^\/([^/]*)\/?(.*)$/.exec(url.pathname) ?? [];
  const peer = Object.hasOwn(peers, name) ? peers[name] : undefined;
  await hand(peer, { request, response, path, query: url.searchParams });
}

/** Answers on a port that one simulator has for itself: there is no name in the path. */
async function answerOne(
  peer: Peer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://simulator");
  await hand(peer, { request, response, path: pathname.slice(1), query: searchParams });
}

async function hand(peer: Peer | undefined, exchange: Parameters<Peer["handle"]>[0]) {
  const { response } = exchange;
  try {
    if (peer === undefined) throw new Refusal(404, "no simulator has this name");
    await peer.handle(exchange);
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 500;
    if (response.headersSent) response.destroy();
    else answerJson(response, status, JSON.stringify({ error: String(error) }));
  }
}
