import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { meshSettings, readConfig } from "./config.ts";
import { secretFile } from "./secrets.ts";

let certs: string;
let good: Record<string, string>;

beforeAll(() => {
  certs = mkdtempSync(join(tmpdir(), "mizan-config-"));
  good = {
    MIZAN_CERTS: certs,
    DATABASE_URL: "postgres://mizan:pw@127.0.0.1:5432/core",
    NATS_URL: "nats://127.0.0.1:4222",
    GRPC_PORT: "50051",
    HTTP_PORT: "8081",
    ADMIN_PORT: "9101",
  };
});
afterAll(() => rmSync(certs, { recursive: true }));

test("every setting has a variable of its own, and says what it is for", () => {
  const settings = Object.values(meshSettings);
  expect(new Set(settings.map(({ name }) => name)).size).toBe(settings.length);
  expect(settings.filter(({ name, about }) => !/^[A-Z_]+$/.test(name) || about === "")).toEqual([]);
});

test("a good environment becomes typed values, with what is usual for the rest", () => {
  const config = readConfig({ ...good, MIZAN_PEERS: "billing=127.0.0.1:50054, sms=[::1]:50053" });
  expect(config).toMatchObject({
    profile: "development",
    grpcPort: 50_051,
    host: "127.0.0.1",
    logLevel: "info",
    peers: { billing: "127.0.0.1:50054", sms: "[::1]:50053" },
    allowedOrigins: [],
    parentPipe: false,
  });
});

test("every mistake is reported at once, each on a line that says what would be right", () => {
  const wrong = {
    MIZAN_PROFILE: "prod",
    MIZAN_CERTS: "/nowhere",
    DATABASE_URL: "mysql://mizan:canary-password@127.0.0.1/core",
    HOST: "localhost",
    GRPC_PORT: "99999",
    HTTP_PORT: "8O81",
    ADMIN_HOST: "::1",
    MIZAN_PEERS: "billing",
    LOG_LEVEL: "loud",
    MIZAN_TRUSTED_PROXIES: "10.0.0.0/33",
    MIZAN_ALLOWED_ORIGINS: "https://a.example/",
    MIZAN_PARENT_PIPE: "yes",
  };
  const { message } = errorOf(() => readConfig(wrong));
  const lines = message.split("\n  ");
  expect(lines[2]).toContain("MIZAN_CERTS (where the certificates and keys are) must be a folder");
  expect(lines.map((line) => line.replace(/ \(.*?\)/, ""))).toEqual([
    "The environment has mistakes:",
    'MIZAN_PROFILE must be one of development, production, test; it is "prod"',
    'MIZAN_CERTS must be a folder that exists; it is "/nowhere"',
    "DATABASE_URL must be an address that begins with postgres:// or postgresql://; it is " +
      '"mysql://[hidden]@127.0.0.1/core"',
    "NATS_URL is missing, and so is NATS_URL_FILE",
    "ADMIN_PORT is missing",
    'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal; it is "loud"',
    'MIZAN_PARENT_PIPE must be one of 0, 1; it is "yes"',
    'HOST must be an IP address; it is "localhost"',
    'GRPC_PORT must be a whole number from 0 to 65535; it is "99999"',
    'HTTP_PORT must be a whole number from 0 to 65535; it is "8O81"',
    'MIZAN_PEERS must be like core=host:50051,billing=host:50054; it is "billing"',
    'MIZAN_TRUSTED_PROXIES must hold addresses or ranges such as 10.0.0.0/8; it is "10.0.0.0/33"',
    "MIZAN_ALLOWED_ORIGINS must hold origins such as https://console.example.com; it is " +
      '"https://a.example/"',
  ]);
});

test.each([
  ["a password in the environment (S15)", "DATABASE_URL", "postgres://u:pw@127.0.0.1/core"],
  ["an address of the broker with a password (S15)", "NATS_URL", "tls://u:pw@nats"],
  ["a database that is reached in the clear", "DATABASE_URL", "postgres://db/core"],
  ["a talkative log (S12)", "LOG_LEVEL", "debug"],
  ["proxies that are everybody", "MIZAN_TRUSTED_PROXIES", "10.0.0.1,0.0.0.0/0"],
  ["pages that come in the clear (S16)", "MIZAN_ALLOWED_ORIGINS", "http://a.example"],
])("production refuses %s, development does not", (_name, name, value) => {
  const strict = {
    ...good,
    DATABASE_URL: "postgres://127.0.0.1/core",
    MIZAN_PROFILE: "production",
  };
  expect(() => readConfig(strict)).not.toThrow();
  expect(() => readConfig({ ...good, [name]: value })).not.toThrow();
  const { message } = errorOf(() => readConfig({ ...strict, [name]: value }));
  expect(message).toContain(`${name} (`);
  expect(message).not.toContain("pw@");
});

test("production reports what it refuses together with the other mistakes", () => {
  const environment = { ...good, MIZAN_PROFILE: "production", LOG_LEVEL: "debug", GRPC_PORT: "x" };
  const { message } = errorOf(() => readConfig(environment));
  expect(message.split("\n")).toHaveLength(4); // the password of DATABASE_URL is the third
});

test("an address with a password comes from a file", () => {
  const file = secret("url", "postgres://mizan:pw@db/core?sslmode=verify-full\n", 0o600);
  const { DATABASE_URL: _, ...rest } = good;
  const config = readConfig({ ...rest, DATABASE_URL_FILE: file, MIZAN_PROFILE: "production" });
  expect(config.databaseUrl).toBe("postgres://mizan:pw@db/core?sslmode=verify-full");
});

test("S15 a secret's file must exist, be long enough and be closed to others", () => {
  const own = { admin: secretFile(["ADMIN_FILE", "the first administrator"], 8) };
  const read = (path: string) => readConfig({ ...good, ADMIN_FILE: path }, own).admin?.();
  expect(read(secret("good", "long enough", 0o600))).toBe("long enough");
  expect(readConfig(good, own).admin).toBeUndefined();
  expect(() => read(secret("open", "long enough", 0o604))).toThrow("everybody may read");
  expect(() => read(secret("short", "short", 0o600))).toThrow("at least 8 characters");
  expect(() => read(join(certs, "missing"))).toThrow("a file that exists");
  expect(
    JSON.stringify(readConfig({ ...good, ADMIN_FILE: secret("good", "x".repeat(9), 0o600) }, own)),
  ).not.toContain("xxx");
});

function secret(name: string, text: string, mode: number): string {
  const path = join(certs, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function errorOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was refused");
}
