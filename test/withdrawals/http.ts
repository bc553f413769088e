import { setTimeout as delay } from "node:timers/promises";

/** What a service answered over HTTP: a status, and its JSON. */
export type Answer = {
  readonly status: number;
  readonly json: Json;
  /** Whether it says that it is the answer of an earlier call. */
  readonly isReplay: boolean;
};

/** JSON as it came; tests look at what they know of it. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = Record<string, any>;

/** What goes with a call. */
export type Sent = {
  readonly body?: object;
  /** The access token of the caller. */
  readonly as?: string;
  /** The key of the request. */
  readonly key?: string;
};

/** Calls as curl does; a method of the contract by its path, or any other path. */
export type Http = (path: string, sent?: Sent) => Promise<Answer>;

/** Calls an origin, such as that of the router. Rejects when nobody answers. */
export function httpOf(origin: string): Http {
  return async (path, { body, as, key } = {}) => {
    const answer = await fetch(`${origin}${path}`, {
      method: body === undefined ? "GET" : "POST",
      ...(body !== undefined && { body: JSON.stringify(body) }),
      headers: {
        "content-type": "application/json",
        ...(as !== undefined && { authorization: `Bearer ${as}` }),
        ...(key !== undefined && { "idempotency-key": key }),
      },
      signal: AbortSignal.timeout(CALL_MS),
    });
    const isReplay = answer.headers.get("idempotent-replayed") === "true";
    return { status: answer.status, json: (await answer.json()) as Json, isReplay };
  };
}

/** The reason of a refusal by the contract; undefined of an answer that went well. */
export function reasonOf({ json }: Pick<Answer, "json">): string | undefined {
  const details = json["details"] as { debug?: { reason?: string } }[] | undefined;
  return details?.map(({ debug }) => debug?.reason).find(Boolean);
}

/**
 * Asks with the same key until it is decided, as a real client does: again after a lost connection,
 * an answer that says "later", and one that says nothing.
 */
export async function decided(http: Http, path: string, sent: Sent): Promise<Answer> {
  const endMs = performance.now() + GIVE_UP_MS;
  for (let tries = 1; ; tries++) {
    const answer = await http(path, sent).catch((error: unknown) => error as Error);
    if (!(answer instanceof Error) && isDecided(answer)) return answer;
    if (performance.now() > endMs) {
      const last = answer instanceof Error ? answer.message : JSON.stringify(answer.json);
      throw new Error(`${path} with the key ${sent.key} is not decided: ${last}`);
    }
    await delay(Math.min(20 * 2 ** tries, 400));
  }
}

function isDecided({ status, json }: Answer): boolean {
  if (status < 500 && status !== 429) return !later.has(json["code"] as string);
  return json["code"] === "SETTLEMENT_REJECTED"; // the one end that older clients know as a 502
}

/** Codes that decide nothing: of the contract, and what the literal paths say in their place. */
const later = new Set(["aborted", "IDEMPOTENCY_IN_PROGRESS"]);

const CALL_MS = 20_000;

/** How long a client keeps asking: twice what settlement waits for at most in these tests. */
const GIVE_UP_MS = 60_000;
