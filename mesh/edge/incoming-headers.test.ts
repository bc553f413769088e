import type { IncomingHttpHeaders } from "node:http";
import fc from "fast-check";
import { expect, test } from "vitest";
import { IncomingHeaders } from "./incoming-headers.ts";

const names = ["accept", "x-many", "constructor", "cookie", "a"];
const someName = fc.constantFrom(...names, "set-cookie", "X-Many", "ACCEPT", "absent", "__proto__");
const someValue = fc.constantFrom("", "1", "a, b", "a, ", "é", "x=1; y");
const cookie = fc.constantFrom("", "1", "é", "x=1; y"); // each by itself, without space around
const incoming = fc
  .tuple(fc.dictionary(fc.constantFrom(...names), someValue), fc.array(cookie))
  .map(([headers, cookies]): IncomingHttpHeaders => {
    return cookies.length === 0 ? headers : Object.assign(headers, { "set-cookie": cookies });
  });

/** Something that is done to headers; what it returns is compared. */
const step = fc.oneof(
  someName.map((one) => (headers: Headers) => headers.get(one)),
  someName.map((one) => (headers: Headers) => headers.has(one)),
  fc.tuple(someName, someValue).map((pair) => (headers: Headers) => headers.set(...pair)),
  fc.tuple(someName, someValue).map((pair) => (headers: Headers) => headers.append(...pair)),
  someName.map((one) => (headers: Headers) => headers.delete(one)),
  fc.constant((headers: Headers) => headers.getSetCookie()),
  fc.constant((headers: Headers) => [...headers.keys(), ...headers.values()]),
);

test("the headers of a request behave like those of the web, whatever is done to them", () => {
  fc.assert(
    fc.property(incoming, fc.array(step, { maxLength: 8 }), (headers, steps) => {
      const [own, web] = [new IncomingHeaders(headers), webHeaders(headers)];
      for (const one of steps) expect(one(own)).toEqual(one(web));
      expect([...own]).toEqual([...web]);
      expect([...new Headers(own)]).toEqual([...new Headers([...web])]);
      const pairs: unknown[] = [];
      own.forEach((text, key, parent) => pairs.push([key, text, parent === own]));
      expect(pairs).toEqual(Array.from(web, (pair) => [...pair, true]));
    }),
  );
});

test("a header can't carry a line of another one", () => {
  const headers = new IncomingHeaders({ accept: "1" });
  expect(() => headers.set("accept", "1\r\nx-other: 2")).toThrow(TypeError);
  expect(() => headers.append("x\r\nother", "2")).toThrow(TypeError);
  expect([...headers]).toEqual([["accept", "1"]]);
});

test("what is changed is not the request", () => {
  const headers = { accept: "1" };
  new IncomingHeaders(headers).set("accept", "2");
  expect(headers).toEqual({ accept: "1" });
});

function webHeaders(from: IncomingHttpHeaders): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(from)) {
    for (const value of [values ?? []].flat()) headers.append(name, value);
  }
  return headers;
}
