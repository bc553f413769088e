import type { ConnectError } from "@connectrpc/connect";
import type { Payout as WirePayout } from "#gen/mizan/settlement/v1/payout_pb.ts";
import type { NewPayout } from "#gen/mizan/settlement/v1/payout_service_pb.ts";
import { timeLeftMs } from "#mesh/deadline.ts";
import { toMinor } from "#mesh/money.ts";
import type { Call, Settlement } from "../context.ts";
import type { Payout } from "../domain/payout.ts";
import type { Accepted } from "../engine/accept.ts";
import type { Engine } from "../engine/engine.ts";
import { contentHash, type Wanted } from "../engine/new-payout.ts";
import { fail } from "../errors.ts";
import { toPayout } from "./messages.ts";
import { findPayouts } from "../store/read-payouts.ts";

/** What core asks for. */
export type Asked = Omit<NewPayout, "$typeName" | "$unknown">;

/** What became of one payout that was asked for: it stands, or was not taken. */
export type Created = WirePayout | ConnectError;

/**
 * Takes payouts and has them paid; one that is there already is the same payout (PAY-1). Answers
 * when all have ended, or after `answerMs` with the states of then. Each that is not taken comes
 * with its error: INVALID_AMOUNT, ASSET_NOT_ACCEPTED or PAYOUT_ID_REUSED.
 */
export async function createPayouts(
  settlement: Settlement,
  engine: Pick<Engine, "accept" | "send">,
  asked: readonly Asked[],
  { values, signal }: Call,
): Promise<Created[]> {
  const judged = asked.map((one) => read(one, settlement));
  const wanted = judged.filter((one) => "id" in one);
  const accepted = wanted.length === 0 ? [] : await engine.accept(wanted, signal);
  const waitMs = Math.min(
    settlement.terms.answerMs,
    (timeLeftMs(values) ?? Infinity) - ANSWER_MARGIN_MS,
  );
  const known = await waitForEnds(settlement, engine, accepted, waitMs);
  const results = accepted.values();
  return judged.map((one): Created => {
    if (!("id" in one)) return one;
    const result = results.next().value!;
    if (result.kind === "REFUSED") return result.error;
    return toPayout(known.get(result.payout.id) ?? result.payout);
  });
}

function read(asked: Asked, { currency }: Settlement): Wanted | ConnectError {
  const { payoutId: id, merchantId, accountId, bankAccount } = asked;
  const { asset, amount } = asked.amount!;
  if (asset !== currency.asset) return fail("ASSET_NOT_ACCEPTED", { asset });
  const amountMinor = minorOf(amount, currency.scale);
  if (typeof amountMinor !== "bigint") return amountMinor;
  const ids = { id: id.toLowerCase(), merchantId: merchantId.toLowerCase(), accountId };
  const content = { ...ids, amountMinor, asset, bankAccount };
  return { ...content, hash: contentHash(content) };
}

function minorOf(amount: string, scale: number): bigint | ConnectError {
  try {
    const minor = toMinor(amount, scale);
    return minor > 0n ? minor : fail("INVALID_AMOUNT", { amount });
  } catch (error) {
    return error as ConnectError; // toMinor throws nothing else
  }
}

/** Sends what is ready, and waits for it a while; what is known then of each that was sent. */
async function waitForEnds(
  { db, log }: Pick<Settlement, "db" | "log">,
  { send }: Pick<Engine, "send">,
  accepted: readonly Accepted[],
  waitMs: number,
): Promise<ReadonlyMap<string, Payout>> {
  const ready = accepted.filter((one) => one.kind === "READY");
  const known = new Map<string, Payout>();
  const sent = ready.map(async (one) => {
    try {
      known.set(one.payout.id, await send(one));
    } catch (error) {
      log.warn({ err: error, payout_id: one.payout.id }, "an outcome could not be recorded");
    }
  });
  await within(Promise.all(sent), waitMs);
  const open = ready.flatMap(({ payout: { id } }) => (known.has(id) ? [] : [id]));
  for (const payout of await findPayouts(db.sql, open)) known.set(payout.id, payout);
  return known;
}

/** Waits for something, but not for long. */
async function within(work: Promise<unknown>, waitMs: number): Promise<void> {
  if (waitMs <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, waitMs);
  });
  await Promise.race([work, over]);
  clearTimeout(timer);
}

/** What it takes to answer before the caller's deadline, in milliseconds. */
const ANSWER_MARGIN_MS = 100;
