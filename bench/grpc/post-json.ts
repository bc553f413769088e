import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";

/** A client that knows JSON and HTTP/1.1 and nothing else. */
export type PostJson = Disposable & { readonly send: (body: unknown) => Promise<unknown> };

type Target = { readonly port: number; readonly path: string; readonly token: string };

/** Posts to a path of this machine over connections that are kept; throws unless it gets a 200. */
export function postJson({ port, path, token }: Target): PostJson {
  const agent = new Agent({ keepAlive: true });
  const options = { agent, host: "127.0.0.1", port, path, method: "POST" };
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  return {
    send: async (body) => {
      const text = JSON.stringify(body);
      const sent = request({ ...options, headers });
      const answered = once(sent, "response") as Promise<[IncomingMessage]>;
      sent.end(text);
      const [response] = await answered;
      const answer = await json(response);
      if (response.statusCode !== 200) throw new Error(JSON.stringify(answer));
      return answer;
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}
