import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import type { Found } from "../found.ts";
import type { Tape } from "../tape.ts";

/** exchange-core's order book in a JVM that has compiled what it needs. */
export type ExchangeCore = AsyncDisposable & {
  /** Runs a tape, or its beginning, through a fresh book. */
  readonly run: (name: string, tape: Tape) => Promise<Found>;
};

/**
 * Brings exchange-core and what it needs by Maven, once, and starts the JVM with the tapes. Prints a
 * sentence and returns nothing where Java or Maven is missing or the files can't be had.
 */
export async function openExchangeCore(
  tapes: Readonly<Record<string, Tape>>,
): Promise<ExchangeCore | undefined> {
  const missing = await bringJars();
  if (missing !== undefined) {
    console.log(`exchange-core is left out: ${missing}`);
    return undefined;
  }
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  for (const [name, tape] of Object.entries(tapes)) {
    await writeFile(fileOf(folder.path, name), tape.bytes);
  }
  const java = opened.use(startJava());
  const run = async (name: string, { fill, count }: Tape) =>
    toFound(await java.ask(`${fileOf(folder.path, name)} ${fill} ${count}`));
  for (const [name, tape] of Object.entries(tapes)) {
    for (let left = WARM_UPS; left > 0; left -= 1) await run(name, tape);
  }
  const resources = opened.move();
  return { run, [Symbol.asyncDispose]: async () => resources.disposeAsync() };
}

/** A path without spaces, which stand between the words of a line. */
function fileOf(folder: string, name: string): string {
  return join(folder, name.replaceAll(" ", "-"));
}

/** Copies the jars below .mizan; says why when it cannot. */
async function bringJars(): Promise<string | undefined> {
  if (!(await works("java", ["-version"]))) return "there is no Java on this machine";
  if (existsSync(join(cache, "lib/done"))) return undefined;
  if (!(await works("mvn", ["-version"]))) return "there is no Maven to bring it";
  const copy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
  const folders = [`-Dmaven.repo.local=${cache}/repository`, `-DoutputDirectory=${cache}/lib`];
  if (!(await works("mvn", ["-q", "-B", "-f", join(here, "pom.xml"), ...folders, copy]))) {
    return "Maven can't bring it";
  }
  await writeFile(join(cache, "lib/done"), "");
  return undefined;
}

async function works(program: string, args: readonly string[]): Promise<boolean> {
  return promisify(execFile)(program, args, { timeout: 120_000 }).then(
    () => true,
    () => false,
  );
}

/** A JVM that answers each line with a line. */
function startJava() {
  const args = ["-Xms2g", "-Xmx2g", "-cp", `${cache}/lib/*`, join(here, "OrderBookRun.java")];
  const child = spawn("java", args, { stdio: "pipe" });
  let complaint = "";
  child.stderr.on("data", (text: Buffer) => (complaint = String(text)));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    ask: async (line: string): Promise<string> => {
      child.stdin.write(`${line}\n`);
      const { value } = await lines.next();
      if (value === undefined)
        throw new Error(`the JVM with exchange-core has ended: ${complaint}`);
      return value;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
    },
  };
}

function toFound(line: string): Found {
  const [perSecond, fills, units, levels, lots] = line.split(" ").map(Number);
  return { perSecond: perSecond!, fills: fills!, units: units!, levels: levels!, lots: lots! };
}

const here = import.meta.dirname;
const cache = join(here, "../../../.mizan/bench/exchange-core");

/** How often the JVM runs a tape before a run counts: its compilers take that long. */
const WARM_UPS = 4;
