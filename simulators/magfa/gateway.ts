import { createHash, timingSafeEqual } from "node:crypto";
import { answerJson, type Exchange, readBody } from "../http.ts";
import type { Receipts } from "./receipts.ts";
import type { State } from "./state.ts";
import { createSubmit } from "./submit.ts";

/** Who may call. */
export type Account = {
  readonly username: string;
  readonly domain: string;
  readonly password: string;
};

/** Answers the methods of Magfa's HTTP v2: send, statuses, mid, balance, messages. */
export function createGateway(
  { username, domain, password }: Account,
  state: State,
  receipts: Receipts,
): (exchange: Exchange) => Promise<void> {
  const basic = Buffer.from(`${username}/${domain}:${password}`).toString("base64");
  const wanted = digest(`Basic ${basic}`);
  const submit = createSubmit(state, receipts);
  return async ({ request, response, path }) => {
    const [, method = "", argument = ""] =
      /^api\/http\/sms\/v2\/(\w+)(?:\/(.*))?$/.exec(path) ?? [];
    const isKnown = timingSafeEqual(digest(request.headers.authorization ?? ""), wanted);
    if (!isKnown) return answerJson(response, 401, '{"status":18,"messages":null}');
    const verb = `${request.method} ${method}`;
    if (verb === "POST send") return submit(await readBody(request), response);
    if (verb === "GET statuses") return answerJson(response, 200, statuses(state, argument));
    if (verb === "GET mid") return answerJson(response, 200, lookup(state, argument));
    if (verb === "GET messages") return answerJson(response, 200, '{"status":0,"messages":[]}');
    const { balance } = state.settings;
    if (verb === "GET balance")
      return answerJson(response, 200, `{"status":0,"balance":${balance}}`);
    return answerJson(response, 404, '{"status":25}');
  };
}

/** What became of texts, by Magfa's ids; -1 is not known. */
function statuses(state: State, argument: string): string {
  state.calls.polls++;
  const mids = argument.split(",");
  if (mids.length > MOST_POLLED || !mids.every(isNumber)) return '{"status":24,"dlrs":null}';
  const date = new Date().toISOString().slice(0, 19).replace("T", " ");
  const dlrs = mids.map((mid) => {
    const status = state.memory.statusOf(state.numberOf(mid));
    return `{"mid":${BigInt(mid)},"status":${status},"date":"${date}"}`;
  });
  return `{"status":0,"dlrs":[${dlrs.join(",")}]}`;
}

/** Magfa's id of a text, by the customer's reference; -1 when there is none. */
function lookup(state: State, uid: string): string {
  state.calls.lookups++;
  const found = isNumber(uid) ? state.memory.findUid(BigInt(uid)) : undefined;
  return `{"status":0,"mid":${found === undefined ? -1 : state.midOf(found.n)}}`;
}

function isNumber(text: string): boolean {
  return /^\d{1,19}$/.test(text);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

const MOST_POLLED = 100;
