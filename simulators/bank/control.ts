import { fromMinor } from "#mesh/money.ts";
import { answerJson, type Exchange, parsed, readBody, Refusal } from "../http.ts";
import type { Bank } from "./bank.ts";
import { SCALE } from "./book.ts";
import { answerStatement } from "./gateway.ts";
import type { ReceivedQuery } from "./received.ts";
import { readChange } from "./settings.ts";
import type { State } from "./state.ts";

/**
 * Shows and sets the script: GET `control` shows it, PATCH changes what it names, POST does so
 * from the beginning, DELETE forgets it. GET `control/received` shows what was paid (`reference`,
 * `account`, `description`, `limit`), DELETE forgets that. GET `control/statement` is a statement.
 */
export async function control(
  { request, response, path, query }: Exchange,
  bank: Pick<Bank, "change" | "reset" | "received" | "forget">,
  state: State,
): Promise<void> {
  const wanted = `${request.method} ${path.replace(/\/$/, "")}`;
  if (wanted === "GET control/received")
    return answerJson(response, 200, JSON.stringify(await bank.received(readQuery(query))));
  if (wanted === "GET control/statement") return answerStatement(state, query, response);
  if (wanted === "DELETE control/received") await bank.forget();
  else if (wanted === "PATCH control" || wanted === "POST control") {
    const change = parsed(await readBody(request), (json) => readChange(JSON.parse(json)));
    if (request.method === "POST") bank.reset();
    await bank.change(change);
  } else if (wanted === "DELETE control") bank.reset();
  else if (wanted !== "GET control") throw new Refusal(404, `nobody knows ${wanted}`);
  const { rules, ...rest } = state.settings;
  const balance = fromMinor(state.store.book().sums().balanceMinor, SCALE);
  const shown = { script: rules.base, rules: rules.remaining(), ...rest, balance };
  answerJson(response, 200, JSON.stringify(shown));
}

function readQuery(query: URLSearchParams): ReceivedQuery {
  const names = ["reference", "account", "description"] as const;
  const texts = names.map((name) => [name, query.get(name)] as const);
  const limit = query.get("limit");
  return {
    ...Object.fromEntries(texts.filter(([, text]) => text !== null && text !== "")),
    ...(limit && { limit: Math.min(Number(limit) || 0, MOST_SHOWN) }),
  };
}

const MOST_SHOWN = 200_000;
