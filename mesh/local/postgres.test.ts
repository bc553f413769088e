import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openConnection } from "../database/connection.ts";
import { isGone } from "../testing/gone.ts";
import { freePorts } from "./ports.ts";
import { type Postgres, startPostgres } from "./postgres.ts";

let folder: string;
let port: number;

beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "mizan-postgres-")), "postgres");
  await chmod(join(folder, ".."), 0o711);
  [port] = (await freePorts(1)) as [number];
});

afterAll(async () => rm(join(folder, ".."), { recursive: true }));

async function query(server: Postgres, text: string): Promise<object[]> {
  await using connection = await openConnection({ url: server.url("mint"), name: "test" });
  return await connection.query(text);
}

const start = async () => startPostgres({ folder, port });

test("a first start that broke off is begun anew, and later starts find what was stored", async () => {
  await mkdir(join(folder, "data.new"), { recursive: true });
  await writeFile(join(folder, "data.new", "PG_VERSION"), "18");
  {
    await using server = await start();
    await server.createDatabase("mint");
    await server.createDatabase("mint");
    await query(server, "create table coin (name text); insert into coin values ('IRR')");
  }
  await using again = await start();
  expect(await query(again, "select name from coin")).toEqual([{ name: "IRR" }]);
});

test("§4.5 what is committed is on the disk", async () => {
  await using server = await start();
  expect(await query(server, "show fsync")).toEqual([{ fsync: "on" }]);
  expect(await query(server, "show synchronous_commit")).toEqual([{ synchronous_commit: "on" }]);
});

test("nobody comes in without the password", async () => {
  await using server = await start();
  const url = Object.assign(new URL(server.url("mint")), { password: "guess" }).href;
  await expect(openConnection({ url, name: "test" })).rejects.toMatchObject({ code: "28P01" });
});

test("a server that was killed starts again at once, with all that was committed", async () => {
  await using first = await start();
  await query(first, "insert into coin values ('BTC')");
  process.kill(first.pid, "SIGKILL");
  expect(await first.exited).toContain("SIGKILL");
  await using second = await start();
  expect(await query(second, "select from coin where name = 'BTC'")).toHaveLength(1);
});

test("a server that was killed starts again when its last statement is over", async () => {
  await using first = await start();
  const url = first.url("mint");
  await using busy = await openConnection({ url, name: "test", statementTimeoutMs: 500 });
  const started = busy.query("select 1");
  const statement = busy.query("select count(*) from generate_series(1, 1000000000)").catch(String);
  await started;
  process.kill(first.pid, "SIGKILL");
  await using second = await start();
  expect(await statement).toContain("statement timeout");
  expect(await query(second, "select 1 as n")).toEqual([{ n: 1 }]);
});

test("a lock whose number another process has now is no obstacle", async () => {
  await start().then(async (server) => server[Symbol.asyncDispose]());
  await writeFile(join(folder, "data", "postmaster.pid"), `${process.pid}\n${folder}/data\n`);
  await using server = await start();
  expect(await query(server, "select 1 as n")).toEqual([{ n: 1 }]);
});

test("a second server on the same data is refused", async () => {
  await using server = await start();
  await expect(start()).rejects.toThrow(`runs already in ${folder}/data, as ${server.pid}`);
});

test("a server whose parent was killed ends, and a new one starts right after", async () => {
  const module = new URL("postgres.ts", import.meta.url).href;
  const code = `const { startPostgres } = await import(${JSON.stringify(module)});
    console.log((await startPostgres(${JSON.stringify({ folder, port })})).pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  parent.kill("SIGKILL");
  await using server = await start();
  expect(isGone(Number(line))).toBe(true);
  expect(await query(server, "select 1 as n")).toEqual([{ n: 1 }]);
});

test("a port that is taken is told with the server's own words", async () => {
  await using server = await start();
  const elsewhere = `${folder}-elsewhere`;
  await expect(startPostgres({ folder: elsewhere, port })).rejects.toThrow("in use");
  expect(isGone(server.pid)).toBe(false);
});

const isLinuxRoot = process.platform === "linux" && process.getuid?.() === 0;

test.runIf(isLinuxRoot)("root may keep it in a folder that is closed to others", async () => {
  const closed = await mkdtemp(join(tmpdir(), "mizan-closed-"));
  try {
    await using server = await startPostgres({ folder: join(closed, "postgres"), port });
    await server.createDatabase("mint");
    expect(await query(server, "select 1 as n")).toEqual([{ n: 1 }]);
  } finally {
    await rm(closed, { recursive: true });
  }
});
