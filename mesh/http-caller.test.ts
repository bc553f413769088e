import { once } from "node:events";
import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect, test } from "vitest";
import { authority } from "./testing/certificates.ts";
import { createHttpCaller } from "./http-caller.ts";

const { signal } = new AbortController();

/** Whom this process trusts, beside those whom everybody does. */
const trusted = await authority();
const { authority: root } = await trusted.issue("provider");
setDefaultCACertificates([...getCACertificates("default"), root]);

/** A provider behind TLS; what its answers are, a test says. */
async function secured(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  by = trusted,
) {
  const identity = await by.issue("provider");
  let requests = 0;
  const server = createServer({ key: identity.key, cert: identity.certificate });
  server.on("request", (request, response) => {
    requests++;
    answer(request, response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const call = createHttpCaller({
    baseUrl: `https://127.0.0.1:${port}`,
    authorization: "none",
    timeoutMs: 2000,
  });
  return {
    call: () => call({ path: "x", body: "{}" }, signal),
    requests: () => requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("FO-1 a call behind TLS is LOST when the answer does not come, new connection or kept", async () => {
  const answers = ["end", "lose", "lose"];
  await using provider = await secured((request, response) => {
    if (answers.shift() === "end") response.end("fine");
    else request.socket.destroy();
  });
  expect(await provider.call()).toEqual({ kind: "ANSWERED", status: 200, body: "fine" });
  expect(await provider.call()).toEqual({ kind: "LOST", code: "ECONNRESET" }); // kept
  expect(await provider.call()).toEqual({ kind: "LOST", code: "ECONNRESET" }); // new
  expect(provider.requests()).toBe(3);
});

test("a provider whose certificate nobody trusts gets no byte: NOT_SENT", async () => {
  const stranger = await authority();
  await using provider = await secured((_request, response) => response.end("fine"), stranger);
  expect(await provider.call()).toMatchObject({ kind: "NOT_SENT" });
  expect(provider.requests()).toBe(0);
});

test("an answer without an end is LOST as soon as it is too large, PROV-2", async () => {
  await using provider = await secured((_request, response) => {
    response.write("x".repeat(300 * 1024));
  });
  expect(await provider.call()).toEqual({ kind: "LOST", code: "ANSWER_TOO_LARGE" });
});
