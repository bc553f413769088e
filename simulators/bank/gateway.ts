import { createHash, timingSafeEqual } from "node:crypto";
import type { ServerResponse } from "node:http";
import { fromMinor } from "#mesh/money.ts";
import { answerWith } from "../fault.ts";
import { answerJson, type Exchange, readBody } from "../http.ts";
import { SCALE } from "./book.ts";
import type { BankNews } from "./news.ts";
import type { State } from "./state.ts";
import { statementOf } from "./statement.ts";
import { createSubmit, unprocessed } from "./submit.ts";
import { told } from "./told.ts";

/** Answers the methods of our protocol for banks, version 1 (docs/banks.md). */
export function createGateway(
  key: string,
  state: State,
  news: BankNews,
): (exchange: Exchange) => Promise<void> {
  const wanted = digest(`Bearer ${key}`);
  const submit = createSubmit(state, news);
  return async ({ request, response, path, query }) => {
    const isKnown = timingSafeEqual(digest(request.headers.authorization ?? ""), wanted);
    if (!isKnown) return answerJson(response, 401, unprocessed("UNKNOWN_KEY"));
    const verb = `${request.method} ${path}`;
    if (verb === "POST v1/transfers") return submit(await readBody(request), response);
    if (verb === "GET v1/transfers")
      return lookup(state, (query.get("references") ?? "").split(","), response);
    if (verb === "GET v1/balance") return answerBalance(state, response);
    if (verb === "GET v1/statement") return answerStatement(state, query, response);
    return answerJson(response, 404, unprocessed("UNKNOWN_METHOD"));
  };
}

/** Answers with the statement that a query asks for. */
export async function answerStatement(
  { store }: State,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const [date = "", after, limit] = ["date", "after", "limit"].map((name) => query.get(name) ?? "");
  if (Number.isNaN(Date.parse(`${date}T00:00:00Z`)))
    return answerJson(response, 400, unprocessed("MALFORMED"));
  const csv = statementOf(store.book(), {
    date,
    ...(after && { after }),
    ...(limit && { limit: Math.max(1, Number(limit) || 1) }),
  });
  await store.written(); // what a crash undoes was never told
  const length = Buffer.byteLength(csv);
  response.writeHead(200, { "content-type": "text/csv", "content-length": length });
  response.end(csv);
}

async function answerBalance({ store }: State, response: ServerResponse): Promise<void> {
  const balance = fromMinor(store.book().sums().balanceMinor, SCALE);
  await store.written();
  answerJson(response, 200, JSON.stringify({ balance, asset: "IRR" }));
}

/** What became of references; the fault of the script is that of the base. */
async function lookup(
  { calls, settings, store }: State,
  references: readonly string[],
  response: ServerResponse,
): Promise<void> {
  calls.lookups++;
  const book = store.book();
  const results = references.map((reference) => {
    const payment = book.find(reference);
    if (payment === undefined) return { reference, status: "NOT_FOUND" };
    const { status } = payment;
    return told(book, payment, status === "REJECTED" ? "FAILED" : status);
  });
  await store.written();
  await answerWith(response, settings.rules.base.lookupFault, JSON.stringify({ results }));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
