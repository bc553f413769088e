import { answerJson, type Exchange, parsed, readBody, Refusal } from "../http.ts";
import type { Magfa } from "./magfa.ts";
import type { ReceivedQuery } from "./received.ts";
import { readChange } from "./settings.ts";
import type { State } from "./state.ts";

/**
 * Shows and sets the script: GET `control` shows it, PATCH changes what it names, POST does so
 * from the beginning, DELETE forgets it. GET `control/received` shows what came in (`uid`,
 * `recipient`, `limit`), DELETE forgets that.
 */
export async function control(
  { request, response, path, query }: Exchange,
  magfa: Pick<Magfa, "change" | "reset" | "received" | "forget">,
  state: State,
): Promise<void> {
  const wanted = `${request.method} ${path.replace(/\/$/, "")}`;
  if (wanted === "GET control/received")
    return answerJson(response, 200, JSON.stringify(magfa.received(readQuery(query))));
  if (wanted === "DELETE control/received") await magfa.forget();
  else if (wanted === "PATCH control" || wanted === "POST control") {
    const change = parsed(await readBody(request), (json) => readChange(JSON.parse(json)));
    if (request.method === "POST") magfa.reset();
    magfa.change(change);
  } else if (wanted === "DELETE control") magfa.reset();
  else if (wanted !== "GET control") throw new Refusal(404, `nobody knows ${wanted}`);
  const { rules, ...rest } = state.settings;
  answerJson(
    response,
    200,
    JSON.stringify({ script: rules.base, rules: rules.remaining(), ...rest }),
  );
}

function readQuery(query: URLSearchParams): ReceivedQuery {
  const [uid, recipient, limit] = ["uid", "recipient", "limit"].map((name) => query.get(name));
  return {
    ...(uid && { uid: parsed(uid, BigInt) }),
    ...(recipient && { recipient }),
    ...(limit && { limit: Math.min(Number(limit) || 0, MOST_SHOWN) }),
  };
}

const MOST_SHOWN = 200_000;
