import type { IncomingMessage, ServerResponse } from "node:http";
import { listenHttp } from "#mesh/edge/http-server.ts";
import { answerJson, type Peer, Refusal } from "./http.ts";
import { createMagfa, type Magfa, type MagfaOptions } from "./magfa/magfa.ts";

/** The open port of all simulated providers, each below its own name. */
export type Simulators = AsyncDisposable & {
  readonly port: number;
  readonly magfa: Magfa;
};

export type SimulatorsOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly magfa: Omit<MagfaOptions, "refuse">;
};

/** Starts the simulated providers on one port. */
export async function startSimulators(options: SimulatorsOptions): Promise<Simulators> {
  const { host } = options;
  let timer: NodeJS.Timeout | undefined;
  const refuse = (ms: number) => {
    clearTimeout(timer);
    http.server.close();
    http.server.closeAllConnections();
    timer = setTimeout(() => http.server.listen(http.port, host), ms);
  };
  await using stack = new AsyncDisposableStack();
  const magfa = stack.use(await createMagfa({ ...options.magfa, refuse }));
  const peers: Record<string, Peer> = { magfa };
  const http = await listenHttp(options, (request, response) => {
    void answer(peers, request, response);
  });
  stack.use(http);
  stack.defer(() => clearTimeout(timer));
  const open = stack.move();
  return { port: http.port, magfa, [Symbol.asyncDispose]: async () => open.disposeAsync() };
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
  const exchange = { request, response, path, query: url.searchParams };
  try {
    if (peer === undefined) throw new Refusal(404, `no simulator has the name ${name}`);
    await peer.handle(exchange);
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 500;
    if (response.headersSent) response.destroy();
    else answerJson(response, status, JSON.stringify({ error: String(error) }));
  }
}
