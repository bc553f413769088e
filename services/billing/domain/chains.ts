/** The flag that ties an event to the next one, of accounts and of transfers (CHAIN-2). */
const LINKED = 1;

/** How a chain of events is applied and undone. */
export type ChainSteps<Event, Result> = {
  /** Applies one event, or refuses it without any effect. */
  apply(event: Event): Result;
  /** What was answered to an exact copy of the event, if there was one. */
  replay(event: Event): Result | undefined;
  /** The answer to an event that was refused, when nothing of its chain is left. */
  refuse(event: Event, result: Result): Result;
  begin(): void;
  keep(): void;
  undo(): void;
};

/** What a chain needs to know of a result. */
export type ChainResult = { readonly status: string };

/**
 * Applies events strictly in order; each gets its own result (CHAIN-1). A chain of linked events is
 * all or nothing (CHAIN-3); one that is still open at the end fails as a whole (CHAIN-4).
 */
export function applyChains<Event extends { readonly flags: number }, Result extends ChainResult>(
  events: readonly Event[],
  steps: ChainSteps<Event, Result>,
): (Result | ChainFailure)[] {
  const results: (Result | ChainFailure)[] = [];
  let chain: Event[] = [];
  for (const event of events) {
    const isLinked = (event.flags & LINKED) !== 0;
    if (chain.length === 0 && !isLinked) {
      results.push(applySingle(event, steps));
      continue;
    }
    chain.push(event);
    if (isLinked) continue;
    for (const result of applyChain(chain, steps)) results.push(result);
    chain = [];
  }
  for (let left = chain.length; left > 0; left--) results.push(left === 1 ? chainOpen : linkFailed);
  return results;
}

/** The answer to events that fail with their chain. */
export type ChainFailure = {
  readonly status: "linked_event_failed" | "linked_event_chain_open";
};

const linkFailed: ChainFailure = Object.freeze({ status: "linked_event_failed" });
const chainOpen: ChainFailure = Object.freeze({ status: "linked_event_chain_open" });

function applySingle<Event, Result extends ChainResult>(
  event: Event,
  steps: ChainSteps<Event, Result>,
): Result {
  const result = steps.apply(event);
  return result.status === "created" ? result : steps.refuse(event, result);
}

function applyChain<Event, Result extends ChainResult>(
  chain: readonly Event[],
  steps: ChainSteps<Event, Result>,
): (Result | ChainFailure)[] {
  const replayed = replayChain(chain, steps);
  if (replayed !== undefined) return replayed;
  steps.begin();
  const results: Result[] = [];
  for (const [index, event] of chain.entries()) {
    const result = steps.apply(event);
    if (result.status !== "created") {
      steps.undo();
      const answer = steps.refuse(event, result);
      return chain.map((_event, place) => (place === index ? answer : linkFailed));
    }
    results.push(result);
  }
  steps.keep();
  return results;
}

/** The results of the first time, when every event of the chain is an exact copy (CHAIN-6). */
function replayChain<Event, Result>(
  chain: readonly Event[],
  steps: ChainSteps<Event, Result>,
): Result[] | undefined {
  const results: Result[] = [];
  for (const event of chain) {
    const result = steps.replay(event);
    if (result === undefined) return undefined;
    results.push(result);
  }
  return results;
}
