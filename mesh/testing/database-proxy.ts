import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Stands between a client and PostgreSQL, and can fail it in ways that a server can't. */
export type DatabaseProxy = AsyncDisposable & {
  /** The database behind it. */
  readonly url: string;
  /** Hangs up instead of passing on the answer to the next statement with that text. */
  readonly hangUpAfter: (text: string) => void;
  /** Passes nothing on any more to those who are connected; a new connection is served. */
  readonly freeze: () => void;
  /** Has whoever connects from now on wait so long first, in milliseconds. */
  readonly delay: (ms: number) => void;
};

/** Listens on a free port for clients of a database. */
export async function startDatabaseProxy(url: string): Promise<DatabaseProxy> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let fatal: string | undefined;
  let delayMs = 0;
  const server = createServer((near) => {
    let isOver = false;
    const far = connect(Number(port), hostname);
    near.on("data", (bytes) => {
      isOver ||= fatal !== undefined && bytes.includes(fatal);
      far.write(bytes);
    });
    far.on("data", (bytes) => (isOver ? near.destroy() : near.write(bytes)));
    near.pause();
    const late = setTimeout(() => near.resume(), delayMs);
    near.on("close", () => {
      clearTimeout(late);
      far.destroy();
    });
    for (const socket of [near, far]) sockets.add(socket.on("error", () => {}));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const near = String((server.address() as AddressInfo).port);
  return {
    url: Object.assign(new URL(url), { port: near }).href,
    hangUpAfter: (text) => (fatal = text),
    delay: (ms) => (delayMs = ms),
    freeze: () => {
      for (const socket of sockets) socket.pause();
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}
