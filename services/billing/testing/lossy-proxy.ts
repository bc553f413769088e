import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a database that can lose an answer. */
export type LossyProxy = AsyncDisposable & {
  readonly url: string;
  /** Lets a statement with the text through, and cuts the connection at its answer (L8); each once. */
  readonly loseAnswersTo: (...texts: readonly string[]) => void;
  readonly lostAnswers: () => number;
  /** Cuts all connections. */
  readonly cut: () => void;
};

/** Stands between a client and a database. */
export async function lossyProxy(databaseUrl: string): Promise<LossyProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const losing: string[] = [];
  let lost = 0;
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    let isLosing = false;
    const cut = () => {
      client.destroy();
      database.destroy();
    };
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on("error", cut).on("close", cut);
    }
    client.on("data", (bytes) => {
      if (losing[0] !== undefined && bytes.includes(losing[0])) {
        isLosing = true;
        losing.shift();
      }
      database.write(bytes);
    });
    database.on("data", (bytes) => {
      if (isLosing) lost += 1;
      if (isLosing) cut();
      else client.write(bytes);
    });
  });
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = Object.assign(new URL(databaseUrl), {
    hostname: "127.0.0.1",
    port: String((server.address() as AddressInfo).port),
  });
  return {
    url: url.href,
    loseAnswersTo: (...texts) => void losing.push(...texts),
    lostAnswers: () => lost,
    cut: destroyAll,
    [Symbol.asyncDispose]: async () => {
      destroyAll();
      server.close();
      await once(server, "close");
    },
  };
}
