import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DescFile, DescMessage } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { file_mizan_billing_v1_events as billingEvents } from "#gen/mizan/billing/v1/events_pb.ts";
import { file_mizan_core_v1_events as coreEvents } from "#gen/mizan/core/v1/events_pb.ts";
import { file_mizan_matching_v1_events as matchingEvents } from "#gen/mizan/matching/v1/events_pb.ts";
import { file_mizan_settlement_v1_events as settlementEvents } from "#gen/mizan/settlement/v1/events_pb.ts";
import { file_mizan_sms_v1_events as smsEvents } from "#gen/mizan/sms/v1/events_pb.ts";
import { meshSettings } from "#mesh/config.ts";
import * as limits from "#mesh/limits.ts";
import type { Setting } from "#mesh/settings.ts";
import { settings as billingSettings } from "../services/billing/config.ts";
import { settings as coreSettings } from "../services/core/config.ts";
import { settings as matchingSettings } from "../services/matching/config.ts";
import { settings as settlementSettings } from "../services/settlement/config.ts";
import { settings as smsSettings, workerSettings } from "../services/sms/config.ts";

// What a linter can't say about the tree. What git doesn't know yet is looked at too.
const tree = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
  .toString()
  .split("\0")
  .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
const texts = new Map(tree.map((path) => [path, readFileSync(path, "utf8")]));
const isTest = (path: string) => path.endsWith(".test.ts") || path.includes("/testing/");
const written = tree.filter((path) => /^(mesh|services|scripts)\/.*\.ts$/.test(path));
const product = written.filter((path) => !isTest(path));
const operationsPage = texts.get("docs/operations.md")!;

describe("every operation", () => {
  const files = product.filter((path) => /^services\/\w+\/operations\//.test(path));

  test.each(files.filter(isCalled))("%s has a test", (path) => {
    const tests = tree.filter((other) => isTest(other) && serviceOf(other) === serviceOf(path));
    const own = path.replace(/\.ts$/, ".test.ts");
    expect(tests.filter((other) => other === own || has(other, callOf(path)))).not.toEqual([]);
  });

  /** What nobody outside of the folder calls is a part of an operation. */
  function isCalled(path: string): boolean {
    const others = product.filter((other) => {
      return dirname(other) !== dirname(path) && serviceOf(other) === serviceOf(path);
    });
    return others.some((other) => has(other, callOf(path)));
  }

  function callOf(path: string): string {
    return `\\b${camelCase(basename(path, ".ts"))}\\(`;
  }
});

test.each(Object.keys(limits))("the limit %s bounds something", (name) => {
  const users = product.filter((path) => path !== "mesh/limits.ts");
  expect(users.filter((path) => has(path, `\\b${name}\\b`))).not.toEqual([]);
});

const files = [billingEvents, coreEvents, matchingEvents, settlementEvents, smsEvents];
const events = files.flatMap(eventsOf);

describe.each(events)("the event $typeName", (event) => {
  const schema = `\\b${event.name}Schema\\b`;
  const [, owner] = event.typeName.split(".");

  test("is published by its service alone", () => {
    const published = new RegExp(
      `append(?:All)?\\(\\w+, ${schema}|outboxRow\\(${schema}|event: ${schema}`,
    );
    const publishers = product.filter((path) => published.test(texts.get(path)!));
    expect(new Set(publishers.map((path) => path.split("/")[1]))).toEqual(new Set([owner]));
  });

  test("is consumed by somebody, or read from its service's log for those who watch", () => {
    const consumers = product.filter((path) => /^services\/\w+\/consumers\//.test(path));
    const readers = product.filter((path) => path.startsWith(`services/${owner}/operations/`));
    const users = [
      ...consumers.filter((path) => has(path, `(?:consumer|repeatable)\\(\\s*${schema}`)),
      ...readers.filter((path) => has(path, `streamOfEvent\\(${schema}`)),
    ];
    expect(users).not.toEqual([]);
  });
});

describe("docs/operations.md", () => {
  const tables: Record<string, Setting<unknown>>[] = [
    meshSettings,
    billingSettings,
    coreSettings,
    matchingSettings,
    settlementSettings,
    smsSettings,
    workerSettings,
  ];
  const settings = [...new Set(tables.flatMap((table) => Object.values(table)))];

  test.each(settings)("says what $name is for", ({ name, about }) => {
    expect(operationsPage).toMatch(new RegExp(`\`${name}\`.*${RegExp.escape(about)}`));
  });

  test("has every variable of the environment that is read, and no other", () => {
    const reads =
      /(?:environment|process\.env)\["([A-Z_]+)"\]|(?:setting|secret\w+|\w+File)\(\s*\["([A-Z_]+)"/g;
    expect(documented(/^\| `([A-Z_]+)`/gm)).toEqual(inProduct(reads));
  });

  test("has every metric, and no other", () => {
    expect(documented(/^\| `(mizan_\w+)`/gm)).toEqual(inProduct(/"(mizan_[a-z0-9]+_[a-z0-9_]+)"/g));
  });

  function inProduct(pattern: RegExp): Set<string> {
    return new Set(product.flatMap((path) => matches(texts.get(path)!, pattern)));
  }

  function documented(pattern: RegExp): Set<string> {
    return new Set(matches(operationsPage, pattern));
  }
});

test("the pages of the documents lead to what is there", () => {
  const pages = tree.filter((path) => path.endsWith(".md"));
  const links = pages.flatMap((page) => {
    const targets = matches(texts.get(page)!, /\]\((?!https?:)([^)#\s]+)/g);
    return targets.map((target) => join(dirname(page), target));
  });
  const missing = links.filter((link) => statSync(link, { throwIfNoEntry: false }) === undefined);
  expect(missing).toEqual([]);
});

test("every guarantee of the README has its proofs in docs/guarantees.md", () => {
  const promises = matches(texts.get("README.md")!.split("\n## ").find(promised)!, /^- (.+)\.$/gm);
  const headings = matches(texts.get("docs/guarantees.md")!, /^## (.+)$/gm);
  expect(promises.length).toBeGreaterThan(0);
  expect(headings).toEqual(promises);
});

test("the proofs that docs/guarantees.md names are there", () => {
  const proofs = [...texts.get("docs/guarantees.md")!.matchAll(/^- \[([^\]]+)\][^"]+"([^"]+)"/gm)];
  expect(proofs.length).toBeGreaterThan(0);
  const missing = proofs.filter(([, path, title]) => !texts.get(path!)?.includes(`"${title}"`));
  expect(missing.map(([line]) => line)).toEqual([]);
});

test("no file is over 100 kB, but for what is generated", () => {
  const large = tree.filter((path) => statSync(path).size > 100_000);
  expect(large.filter((path) => !/^(gen\/|package-lock\.json$)/.test(path))).toEqual([]);
});

test("no file ties the tree to one registry of packages", () => {
  const hosts = /\bregistry\.[\w-]+\.\w{2,}\/|npmjs\.org|proxy\.golang\.org|"resolved": "\w+:/;
  expect(tree.filter((path) => hosts.test(texts.get(path)!))).toEqual([]);
});

function has(path: string, pattern: string): boolean {
  return new RegExp(pattern).test(texts.get(path)!);
}

/** What the groups of a pattern caught. */
function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, ...groups]) => groups.find(Boolean)!);
}

function promised(part: string): boolean {
  return part.startsWith("What you can rely on");
}

function serviceOf(path: string): string | undefined {
  return /^services\/(\w+)/.exec(path)?.[1];
}

function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The events of a package: the messages of its file that are no part of another. */
function eventsOf({ messages }: DescFile): DescMessage[] {
  const parts = new Set(messages.flatMap(({ fields }) => fields.map(({ message }) => message)));
  return messages.filter((message) => !parts.has(message));
}
