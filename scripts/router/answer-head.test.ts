import { expect, test } from "vitest";
import { parseHead } from "./answer-head.ts";

const lines = (...all: string[]) => all.join("\r\n");

test("a head has its status, its headers in their order, and how the body ends", () => {
  const text = lines(
    "HTTP/1.1 200 OK",
    "Content-Length: 5",
    "Set-Cookie:a=1",
    "set-cookie: \tb=2 \t",
  );
  expect(parseHead(text, "GET")).toEqual({
    status: 200,
    headers: ["content-length", "5", "set-cookie", "a=1", "set-cookie", "b=2"],
    connection: undefined,
    body: 5,
    keptMs: Infinity,
  });
});

test("a value keeps what only looks like a blank, and may be empty", () => {
  const { headers } = parseHead(lines("HTTP/1.1 200", "a: \xA0\xFF\xA0", "b:", "c:   "), "GET");
  expect(headers).toEqual(["a", "\xA0\xFF\xA0", "b", "", "c", ""]);
});

test.each([
  ["GET", "200 OK", ["content-length: 0"], 0],
  ["GET", "200 OK", ["Transfer-Encoding: Chunked"], "chunks"],
  ["GET", "200 OK", [], "end of connection"],
  ["HEAD", "200 OK", ["content-length: 7"], 0],
  ["HEAD", "200 OK", ["transfer-encoding: chunked"], 0],
  ["GET", "204 No Content", [], 0],
  ["GET", "304 Not Modified", ["content-length: 7"], 0],
  ["GET", "103 Early Hints", ["link: x"], 0],
])("%s answered with %s and %j has the body %s", (method, status, headers, body) => {
  expect(parseHead(lines(`HTTP/1.1 ${status}`, ...headers), method).body).toBe(body);
});

test.each([
  ["HTTP/1.1", [], Infinity],
  ["HTTP/1.1", ["connection: keep-alive", "keep-alive: timeout=65"], 64_000],
  ["HTTP/1.1", ["keep-alive: max=9, timeout=1"], 0],
  ["HTTP/1.1", ["connection: x, Close"], 0],
  ["HTTP/1.1", ["connection: x", "connection: close"], 0],
  ["HTTP/1.1", ["connection: disclose"], Infinity],
  ["HTTP/1.0", ["connection: keep-alive"], 0],
])("a connection is kept as %s with %j says: %s ms", (version, headers, keptMs) => {
  const text = lines(`${version} 200 OK`, "content-length: 1", ...headers);
  expect(parseHead(text, "GET").keptMs).toBe(keptMs);
});

test.each([
  [["HTTP/1.1 99 Low"]],
  [["HTTP/1.1 099 Low"]],
  [["HTTP/1.1 1000 High"]],
  [["HTTP/2.0 200 OK"]],
  [["ICY 200 OK"]],
  [["HTTP/1.1 200 OK\rX"]],
  [["HTTP/1.1 200 OK", "a: b\nc: d"]],
  [["HTTP/1.1 200 OK", "a: b\0"]],
  [["HTTP/1.1 200 OK", "a : b"]],
  [["HTTP/1.1 200 OK", "a: b", " folded"]],
  [["HTTP/1.1 200 OK", ": b"]],
  [["HTTP/1.1 200 OK", "no colon"]],
  [["HTTP/1.1 200 OK", "content-length: 1", "content-length: 1"]],
  [["HTTP/1.1 200 OK", "content-length: +1"]],
  [["HTTP/1.1 200 OK", "content-length: 0x1"]],
  [["HTTP/1.1 200 OK", "content-length:"]],
  [["HTTP/1.1 200 OK", "content-length: 1", "transfer-encoding: chunked"]],
  [["HTTP/1.1 200 OK", "transfer-encoding: gzip, chunked"]],
  [["HTTP/1.1 200 OK", "transfer-encoding: chunked", "transfer-encoding: chunked"]],
])("%j is no head", (all) => {
  expect(() => parseHead(lines(...all), "GET")).toThrow(/^the /);
});
