import fc from "fast-check";
import { expect, test } from "vitest";
import { BadAnswer } from "./answer-head.ts";
import { answerReader } from "./answer-reader.ts";

const ok = "HTTP/1.1 200 OK\r\n";
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;

/** What is told of an answer that comes in these parts. */
function told(parts: readonly Buffer[], { isEnded = false, method = "GET" } = {}) {
  const seen = { status: 0, body: "", keptMs: -1 };
  const reader = answerReader({
    head: ({ status }) => void (seen.status = status),
    data: (data) => void (seen.body += data.toString("latin1")),
    end: (keptMs) => void (seen.keptMs = keptMs),
  });
  reader.expect(method);
  for (const part of parts) if (seen.keptMs === -1) reader.read(part);
  if (isEnded) reader.finish();
  return seen;
}

const answers: [name: string, text: string, body: string, isEnded?: boolean][] = [
  ["with a length", `${ok}content-length: 5\r\n\r\nhello`, "hello"],
  ["without a body", `${ok}content-length: 0\r\n\r\n`, ""],
  [
    "in chunks",
    `${chunked}5\r\nhello\r\n1;a="b"\r\n \r\n0C\r\n\r\n0\r\nnot yet\r\n0\r\n\r\n`,
    "hello \r\n0\r\nnot yet",
  ],
  ["with trailers", `${chunked}2\r\nhi\r\n000\r\na: b\r\nc: d\r\n\r\n`, "hi"],
  [
    "after interim ones",
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\na: b\r\n\r\n${chunked}0\r\n\r\n`,
    "",
  ],
  [
    "to the end of the connection",
    `${ok}\r\nall that\r\n\r\n comes`,
    "all that\r\n\r\n comes",
    true,
  ],
];

test.each(answers)(
  "an answer %s is read, wherever its packets end",
  (_name, text, body, isEnded = false) => {
    const bytes = Buffer.from(text, "latin1");
    const expected = { status: 200, body, keptMs: isEnded ? 0 : Infinity };
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(bytes.length)), (cuts) => {
        const ends = [...cuts.toSorted((a, b) => a - b), bytes.length];
        const parts = ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
        expect(told(parts, { isEnded })).toEqual(expected);
      }),
    );
  },
);

test("a reader reads one answer after the other", () => {
  const bodies: string[] = [];
  let body = "";
  const reader = answerReader({
    head: () => void (body = ""),
    data: (data) => void (body += data.toString()),
    end: () => void bodies.push(body),
  });
  for (const text of [
    `${chunked}1\r\na\r\n0\r\n\r\n`,
    `${ok}content-length: 1\r\n\r\nb`,
    `${chunked}0\r\n\r\n`,
  ]) {
    reader.expect("POST");
    reader.read(Buffer.from(text));
  }
  expect(bodies).toEqual(["a", "b", ""]);
});

test("what comes behind an answer makes its connection useless", () => {
  const behind = [Buffer.from(`${ok}content-length: 2\r\n\r\nhiHTTP/1.1`)];
  expect(told(behind)).toEqual({ status: 200, body: "hi", keptMs: 0 });
  expect(told([Buffer.from(`${chunked}0\r\n\r\n\r\n`)]).keptMs).toBe(0);
  expect(told([Buffer.from(`${ok}content-length: 2\r\n\r\nhi`)], { method: "HEAD" }).keptMs).toBe(
    0,
  );
});

test.each([
  ["a size that is none", `${chunked}x\r\n`],
  ["a size without digits", `${chunked}\r\n`],
  ["a size that is negative", `${chunked}-1\r\n`],
  ["a size beyond all bounds", `${chunked}FFFFFFFFF\r\n`],
  ["a line without CR", `${chunked}1\na\r\n`],
  ["a chunk longer than it says", `${chunked}1\r\nab\r\n`],
  ["a line without end", `${chunked}1;${"x".repeat(20_000)}`],
  ["trailers without end", `${chunked}0\r\n${"a: b\r\n".repeat(5000)}`],
  ["a head without end", `${ok}a: ${"x".repeat(20_000)}`],
  ["a head that is too large", `${ok}a: ${"x".repeat(20_000)}\r\n\r\n`],
  ["another protocol", "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"],
])("%s is no answer", (_name, text) => {
  expect(() => told([Buffer.from(text)])).toThrow(BadAnswer);
});

test.each([
  ["nothing", ""],
  ["half a head", "HTTP/1.1 200 O"],
  ["half a body", `${ok}content-length: 2\r\n\r\nh`],
  ["half a chunk", `${chunked}2\r\nh`],
  ["no last chunk", `${chunked}2\r\nhi\r\n`],
])("%s before the end of the connection is no answer", (_name, text) => {
  expect(() => told([Buffer.from(text)], { isEnded: true })).toThrow(BadAnswer);
});
