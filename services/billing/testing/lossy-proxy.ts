import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a database that can lose an answer. */
export type LossyProxy = AsyncDisposable & {
  readonly url: string;
  /** Once: lets a statement with the text through, and cuts the connection at its answer (L8). */
  readonly loseAnswersTo: (text: string) => void;
  readonly lostAnswers: () => number;
};

/** Stands between a client and a database. */
export async function lossyProxy(databaseUrl: string): Promise<LossyProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let losing: string | undefined;
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
      if (losing !== undefined && bytes.includes(losing)) {
        isLosing = true;
        losing = undefined;
      }
      database.write(bytes);
    });
    database.on("data", (bytes) => {
      if (isLosing) lost += 1;
      if (isLosing) cut();
      else client.write(bytes);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = Object.assign(new URL(databaseUrl), {
    hostname: "127.0.0.1",
    port: String((server.address() as AddressInfo).port),
  });
  return {
    url: url.href,
    loseAnswersTo: (text) => (losing = text),
    lostAnswers: () => lost,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
