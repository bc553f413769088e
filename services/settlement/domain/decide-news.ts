import { PAYOUT_FIRST_LOOK_MS, PAYOUT_TRANSIT_LOOK_MS } from "#mesh/limits.ts";
import { NO_END } from "./administer-payout.ts";
import { type Concern, type Move, withAttempts, type WrittenAttempt } from "./move.ts";

import { type Attempt, type Payout, RESOLVED } from "./payout.ts";
import { moveTo, note, positionOf } from "./payout-machine.ts";
import { endUnpaid } from "./decide-outcome.ts";

/** What a provider says about one of our references, asked or by itself. */
export type News = {
  readonly ref: string;
  readonly kind: "SUCCEEDED" | "ACCEPTED" | "FAILED" | "RETURNED" | "NOT_FOUND";
  /** What the provider calls the payment; "" for none. */
  readonly bankReference: string;
  /** What it says that it pays, in minor units; absent when it does not say. */
  readonly amountMinor?: bigint;
  readonly code: string;
  readonly text: string;
  readonly raw: string;
};

/**
 * What a payout does upon news of one of its attempts; undefined when the news change nothing, such
 * as those that come again or late. `isOver` says that the provider's window after the last call is
 * over: only then NOT_FOUND counts (PAY-4). News that contradict an end are flagged, and never
 * change it (PAY-6).
 */
export function decideNews(before: Payout, news: News, isOver: boolean): Move | undefined {
  const attempt = before.attempts.find(({ ourRef }) => ourRef === news.ref);
  if (attempt === undefined) return undefined;
  const heard: Heard = { before, attempt, news, isCurrent: attempt.provider === before.provider };
  if (news.kind === "NOT_FOUND") return isOver ? notFound(heard) : undefined;
  const differs = news.amountMinor !== undefined && news.amountMinor !== before.amountMinor;
  if (differs && news.kind !== "FAILED") return otherAmount(heard);
  switch (news.kind) {
    case "ACCEPTED":
      return accepted(heard);
    case "SUCCEEDED":
      return succeeded(heard);
    case "FAILED":
      return failed(heard);
    default:
      return returned(heard);
  }
}

type Heard = {
  readonly before: Payout;
  /** The attempt that the news are of, and whether it is the last one of the payout. */
  readonly attempt: Attempt;
  readonly news: News;
  readonly isCurrent: boolean;
};

/** Whether the payout is with the provider that speaks, so that its word moves it. */
function isWithIt({ before: { state }, isCurrent }: Heard): boolean {
  return isCurrent && (state === "SENDING" || state === "UNKNOWN");
}

function notFound(heard: Heard): Move | undefined {
  const { before } = heard;
  if (!isWithIt(heard)) return undefined;
  if (wasTaken(heard)) {
    // It has taken it once, so that it may have paid: people have to look.
    if (positionOf(before) !== "SENDING IN_TRANSIT") return undefined;
    const reason = LOST_AFTER_ACCEPTANCE;
    const detail = "It has accepted a payment that it does not know any more.";
    return move(heard, "UNKNOWN", [moveTo(before, "UNKNOWN", { reason })], { detail });
  }
  if (before.state !== "UNKNOWN") return undefined;
  const isPaid = before.attempts.some(({ state }) => state === "SUCCEEDED");
  const after = isPaid
    ? endUnpaid(before, "NOT_FOUND")
    : moveTo(before, "PENDING QUEUED", { reason: "NOT_FOUND" });
  return move(heard, "NOT_FOUND", [after], {});
}

function wasTaken({ before: { reason }, attempt }: Heard): boolean {
  const isKnown = reason === LOST_AFTER_ACCEPTANCE || reason === OTHER_AMOUNT;
  return isKnown || attempt.providerRef !== "" || attempt.state === "ACCEPTED";
}

function accepted(heard: Heard): Move | undefined {
  const { before, attempt, news } = heard;
  const position = positionOf(before);
  const { bankReference } = news;
  if (isWithIt(heard)) {
    if (position === "SENDING IN_TRANSIT" || before.reason === NO_END) return undefined;
    const after = moveTo(before, "SENDING IN_TRANSIT", { bankReference });
    return move(heard, "ACCEPTED", [after], { dueInMs: PAYOUT_TRANSIT_LOOK_MS });
  }
  if (before.state === "PENDING") {
    const detail = "It has taken a payment that it did not have before.";
    return move(heard, "ACCEPTED", backToProvider(heard), {
      detail,
      dueInMs: PAYOUT_TRANSIT_LOOK_MS,
    });
  }
  if (!absent.has(attempt.state)) return undefined; // an older word that comes late
  return contradict(heard, "ACCEPTED", "It has taken a payment after it had not.");
}

function succeeded(heard: Heard): Move | undefined {
  const { before, attempt, news } = heard;
  const { bankReference } = news;
  if (isWithIt(heard)) {
    return move(heard, "SUCCEEDED", [moveTo(before, "SUCCEEDED", { bankReference })], {});
  }
  if (before.state === "PENDING") {
    const back = backToProvider(heard);
    const after = moveTo(back.at(-1)!, "SUCCEEDED", { bankReference });
    const detail = "It has paid what it did not have before.";
    return move(heard, "SUCCEEDED", [...back, after], { detail });
  }
  const cameBack = attempt.state === "FAILED" && !heard.isCurrent;
  if (attempt.state === "SUCCEEDED" || cameBack) return undefined; // an older word
  const detail =
    before.state === "FAILED" || before.state === "CANCELLED"
      ? "It has paid a payout that had ended unpaid."
      : "It has paid a payout that another provider was asked to pay.";
  return contradict(heard, "SUCCEEDED", detail);
}

function failed(heard: Heard): Move | undefined {
  const { before, attempt, news } = heard;
  if (isWithIt(heard)) {
    const reason = news.code || "FAILED";
    return move(heard, "FAILED", [endUnpaid(withState(heard, "FAILED"), reason)], {});
  }
  if (before.state !== "SUCCEEDED" || !heard.isCurrent || attempt.state !== "SUCCEEDED") {
    return undefined;
  }
  return contradict(heard, "SUCCEEDED", "It says that a payment has failed which it had made.");
}

function returned(heard: Heard): Move | undefined {
  const { before, news, isCurrent } = heard;
  const { bankReference } = news;
  const reason = news.code || "RETURNED";
  if (before.state === "SUCCEEDED" && isCurrent) {
    return move(heard, "SUCCEEDED", [moveTo(before, "RETURNED", { reason })], {});
  }
  const isPending = before.state === "PENDING";
  if (isPending || isWithIt(heard)) {
    const back = isPending ? backToProvider(heard) : [];
    const paid = moveTo(back.at(-1) ?? before, "SUCCEEDED", { bankReference });
    return move(heard, "SUCCEEDED", [...back, paid, moveTo(paid, "RETURNED", { reason })], {});
  }
  if (before.state === "RETURNED" && isCurrent) return undefined;
  // Its money is here again: whether the payout is paid is for the others to say.
  const state = isCurrent ? "SUCCEEDED" : "FAILED";
  return contradict(heard, state, "It has sent back what it was not known to have paid.");
}

function otherAmount(heard: Heard): Move | undefined {
  const { before, attempt } = heard;
  const detail = "It tells another amount than the payout has.";
  const reason = OTHER_AMOUNT;
  if (!isWithIt(heard) && before.state !== "PENDING") {
    return contradict(heard, attempt.state, detail);
  }
  if (before.state === "UNKNOWN") {
    if (before.reason === reason) return undefined;
    return move(heard, "UNKNOWN", [note(before, { reason, tries: 0 })], { detail });
  }
  const back = before.state === "PENDING" ? backToProvider(heard) : [];
  const after = moveTo(back.at(-1) ?? before, "UNKNOWN", { reason });
  return move(heard, "UNKNOWN", [...back, after], { detail });
}

/** The steps of a payout that waits and turns out to be at the provider after all. */
function backToProvider({ before, attempt, news }: Heard): Payout[] {
  const isShort = positionOf(before) === "PENDING FUNDS";
  const queued = isShort ? [moveTo(before, "PENDING QUEUED")] : [];
  const { provider } = attempt;
  const { bankReference } = news;
  const from = queued.at(-1) ?? before;
  return [...queued, moveTo(from, "SENDING IN_TRANSIT", { provider, bankReference })];
}

/** Flags a payout once; what its attempt has come to is kept in any case. */
function contradict(heard: Heard, state: Attempt["state"], detail: string): Move | undefined {
  const { before, attempt } = heard;
  if (before.isContradicted && attempt.state === state) return undefined;
  const after = note(before, { isContradicted: true });
  return move(heard, state, [after], { detail, isAside: true });
}

type Then = {
  readonly detail?: string;
  readonly dueInMs?: number;
  /** Whether the payout goes on as if nothing was heard: a call may be under way. */
  readonly isAside?: boolean;
};

/** Writes the word of the provider into its attempt, beside the steps of the payout. */
function move(
  heard: Heard,
  state: Attempt["state"],
  steps: readonly Payout[],
  { detail, dueInMs = PAYOUT_FIRST_LOOK_MS, isAside = false }: Then,
): Move {
  const { before, attempt, news } = heard;
  const changed: WrittenAttempt = {
    ...attempt,
    state,
    ...wordsOf(attempt, news),
    raw: news.raw,
  };
  const attempts = withAttempts(before, [changed]);
  const last = { ...steps.at(-1)!, attempts };
  const concern: Concern | undefined =
    detail === undefined ? undefined : { kind: "CONTRADICTED", provider: attempt.provider, detail };
  const due = news.kind === "NOT_FOUND" && state === "NOT_FOUND" ? 0 : dueInMs;
  return {
    before,
    steps: [...steps.slice(0, -1), last],
    attempts: [changed],
    ...(!isAside && { dueInMs: due }),
    ...(concern && { concerns: [concern] }),
  };
}

/** What administrators have said of an attempt stays; the flag tells that it was contradicted. */
function wordsOf(attempt: Attempt, { bankReference, code, text }: News): Partial<Attempt> {
  if (attempt.code !== RESOLVED) {
    return { providerRef: bankReference || attempt.providerRef, code, text };
  }
  return { providerRef: attempt.providerRef || bankReference };
}

function withState({ before, attempt }: Heard, state: Attempt["state"]): Payout {
  return { ...before, attempts: withAttempts(before, [{ ...attempt, state }]) };
}

const absent = new Set<Attempt["state"]>(["REJECTED", "NOT_SENT", "NOT_FOUND"]);

const LOST_AFTER_ACCEPTANCE = "NOT_FOUND_AFTER_ACCEPTANCE";
const OTHER_AMOUNT = "AMOUNT_DIFFERS";
