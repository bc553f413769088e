import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { clientOf } from "./address.ts";

const addressOf = clientOf(["127.0.0.0/8", "::1", "10.1.0.0/16"]);

test.each([
  ["a stranger without proxy", "192.0.2.1", undefined, "192.0.2.1"],
  ["a stranger who made a header up", "192.0.2.1", "198.51.100.9", "192.0.2.1"],
  ["one proxy", "127.0.0.1", "192.0.2.7", "192.0.2.7"],
  ["a chain of proxies", "127.0.0.1", "203.0.113.5, 192.0.2.7, 10.1.2.3", "192.0.2.7"],
  ["a client who made the first part up", "::1", "127.0.0.1, 192.0.2.7", "192.0.2.7"],
  ["proxies only", "127.0.0.1", "10.1.0.1, 10.1.0.2", "10.1.0.1"],
  ["a proxy that says nothing", "127.0.0.1", undefined, "127.0.0.1"],
  ["garbage", "127.0.0.1", "192.0.2.7, <script>", "127.0.0.1"],
  ["an IPv4 address in IPv6 form", "::ffff:127.0.0.1", "::ffff:192.0.2.7", "192.0.2.7"],
  ["an address with a port", "127.0.0.1", "192.0.2.7:4711", "192.0.2.7"],
  ["an IPv6 address with a port", "127.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"],
  ["a socket that is gone", undefined, "192.0.2.7", "0.0.0.0"],
])("the address behind %s", (_name, remoteAddress, forwarded, ip) => {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  expect(addressOf({ socket: { remoteAddress }, headers } as IncomingMessage)).toEqual({ ip });
});
