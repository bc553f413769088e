import fc from "fast-check";
import { expect, test } from "vitest";
import { createIdGroups } from "./id-groups.ts";

/** Ids as somebody makes them who counts up in one of their words, so that many are alike. */
const id = fc.tuple(fc.nat(3), fc.nat(40)).map(([word, count]) =>
  count
    .toString(16)
    .padStart(8 * (word + 1), "0")
    .padEnd(32, "0"),
);

test("every place of an id is found, in order, and no place of another", () => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 200 }), id, (ids, other) => {
      const groups = createIdGroups(Uint8Array.fromHex(ids.join("")));
      for (const wanted of [...ids, other]) {
        const places: number[] = [];
        for (let place = groups.firstOf(wanted); place !== 0; place = groups.nextOf(place)) {
          places.push(place);
        }
        expect(places).toEqual(ids.flatMap((one, at) => (one === wanted ? [at + 1] : [])));
      }
    }),
  );
});
