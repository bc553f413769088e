import { Code, ConnectError } from "@connectrpc/connect";

/** How the next calls of a peer end, the first of the list first; without one they go well. */
export type Mishap =
  | "AWAY" // fails before it has done anything
  | "LOST" // does what it ought to, and fails then
  | "PART" // does the first half of it, and fails then
  | "INVALID"; // is refused as a whole

/** What makes a peer of a test fail. */
export type Trouble<Method extends string> = {
  /** Calls of the peer fail so, by the method, one mishap a call. */
  readonly next: Partial<Record<Method, Mishap[]>>;
  /** Every call fails before it has done anything. */
  isAway: boolean;
  /** Is waited for before a call does anything. */
  gate: (method: Method) => Promise<void> | undefined;
  /** The calls that were heard, with how many items each had. */
  readonly calls: { readonly method: Method; readonly items: number }[];
  readonly hear: <I, R>(
    method: Method,
    items: readonly I[],
    one: (item: I) => R,
  ) => Promise<{ results: R[] }>;
};

/** Makes a peer that does not fail until it is told to. */
export function createTrouble<Method extends string>(): Trouble<Method> {
  const trouble: Trouble<Method> = {
    next: {},
    isAway: false,
    gate: () => undefined,
    calls: [],
    hear: async (method, items, one) => {
      await trouble.gate(method);
      const mishap = trouble.isAway ? "AWAY" : trouble.next[method]?.shift();
      if (mishap === "AWAY") throw new ConnectError("the peer is away", Code.Unavailable);
      if (mishap === "INVALID") throw new ConnectError("it is invalid", Code.InvalidArgument);
      trouble.calls.push({ method, items: items.length });
      const half = mishap === "PART" ? Math.floor(items.length / 2) : items.length;
      const results = items.slice(0, half).map(one);
      if (mishap === undefined) return { results };
      throw new ConnectError("the answer is lost", Code.Unavailable);
    },
  };
  return trouble;
}
