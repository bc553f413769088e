import { Metadata } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { MetadataHeaders } from "./metadata-headers.ts";

describe("headers that are a view of metadata", () => {
  test("read as those of fetch do", () => {
    const pairs: [string, string][] = [
      ["X-Many", "a"],
      ["x-many", "b, c"],
      ["X-One", " 1 "],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
      ["x-bytes-bin", "/w=="],
    ];
    const [view, theirs] = [new MetadataHeaders(), new Headers()];
    for (const headers of [view, theirs]) {
      for (const [name, value] of pairs) headers.append(name, value);
      headers.set("x-two", "1");
      headers.set("x-two", "2");
      headers.set("x-gone", "1");
      headers.delete("X-Gone");
    }
    expect([...view]).toEqual([...theirs]);
    expect([...view.keys()]).toEqual([...theirs.keys()]);
    expect([...view.values()]).toEqual([...theirs.values()]);
    expect([...view.entries()]).toEqual([...theirs.entries()]);
    expect(view.getSetCookie()).toEqual(theirs.getSetCookie());
    for (const name of ["x-many", "X-ONE", "x-none", "x-bytes-bin", "x-gone"]) {
      expect([view.get(name), view.has(name)]).toEqual([theirs.get(name), theirs.has(name)]);
    }
    const seen: string[] = [];
    view.forEach((value, name, parent) => void seen.push(`${name} ${value} ${parent === view}`));
    expect(seen).toContain("x-two 2 true");
    expect([...new Headers(view)]).toEqual([...theirs]);
  });

  test("show what is in the metadata, and write to it", () => {
    const metadata = new Metadata();
    metadata.set("x-bytes-bin", Buffer.from([255]));
    const view = new MetadataHeaders(metadata);
    expect(view.get("x-bytes-bin")).toBe("/w==");
    view.set("x-bytes-bin", "AA, AQ");
    expect(metadata.get("x-bytes-bin")).toEqual([Buffer.from([0]), Buffer.from([1])]);
  });

  test("AD-10 leave out what describes a connection or a body", () => {
    const view = new MetadataHeaders();
    for (const name of ["connection", "Content-Length", "te", "host"]) view.set(name, "1");
    expect([...view]).toEqual([]);
  });

  test("AD-6 refuse what gRPC can't carry", () => {
    const view = new MetadataHeaders();
    expect(() => view.set("x-name", "café")).toThrow();
    expect(() => view.set("x name", "1")).toThrow();
  });
});
