import type { Checker } from "./checker.ts";
import type { TextRow } from "./snapshot.ts";
import { idsOf } from "./text-actions.ts";
import { endsOf } from "./text-script.ts";

/** Texts: each that was taken ends as the provider was told, and the provider got it once. */
export const checkTexts = {
  "every text that was taken has ended": (_, { texts }) =>
    texts.filter(({ state }) => !ends.has(state)).map((text) => `${nameOf(text)} has not ended`),
  "no text that was acknowledged is lost": (operations, { texts }) => {
    const byKey = Map.groupBy(texts, ({ key }) => key);
    const ofTexts = [...operations.values()].filter(({ kind }) => senders.has(kind));
    return ofTexts.flatMap(({ key, replies }) => {
      const taken = replies.filter((reply) => reply.startsWith("ok "));
      const acknowledged = new Set(taken.flatMap(idsOf));
      if (acknowledged.size === 0) return [];
      const rows = (byKey.get(key) ?? []).filter(({ state }) => state !== "REJECTED");
      const kept = new Set(rows.map(({ id }) => id));
      const lost = acknowledged.difference(kept).values();
      const besides = kept.difference(acknowledged).values();
      return lost
        .map((id) => `text ${id} of ${key} is lost`)
        .toArray()
        .concat(besides.map((id) => `text ${id} of ${key} came besides`).toArray());
    });
  },
  "every text has ended as the provider was told": (_, { texts }) =>
    texts
      .filter(({ state, receiver }) => ends.has(state) && !endsOf(receiver).includes(state))
      .filter(({ state }) => state !== "REJECTED") // nobody was told that it was taken
      .map((text) => `${nameOf(text)} to ${text.receiver} has not ended as it should`),
  "the provider received every text exactly once": (_, { texts, received }) => {
    const counts = new Map<string, number>();
    for (const ref of received) counts.set(ref, (counts.get(ref) ?? 0) + 1);
    const wrong = texts.filter(({ ref, isSent }) => (counts.get(ref) ?? 0) !== (isSent ? 1 : 0));
    const known = new Set(texts.map(({ ref }) => ref));
    const strange = [...counts.keys()].filter((ref) => !known.has(ref));
    return [
      ...wrong.map((text) => `${nameOf(text)} was received ${counts.get(text.ref) ?? 0} times`),
      ...strange.map((ref) => `the provider received ${ref}, which is no text`),
    ];
  },
} satisfies Record<string, Checker>;

/** The kinds of actions whose answers name texts. */
const senders = new Set(["text", "batch"]);

const ends = new Set(["DELIVERED", "UNDELIVERED", "FAILED", "CANCELLED", "EXPIRED", "REJECTED"]);

function nameOf({ id, key, state }: TextRow): string {
  return `text ${id} of ${key} (${state})`;
}
