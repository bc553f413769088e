import { execFile } from "node:child_process";
import { access, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type NatsVersion, parseNatsVersion } from "./nats-config.ts";

export type Search = {
  /** Where a nats-server is kept that had to be installed; by default the bin of .mizan. */
  readonly cacheFolder?: string;
  /** Told what takes long, as a sentence. */
  readonly progress?: (text: string) => void;
};

export type NatsProgram = { readonly file: string; readonly version: NatsVersion };

/**
 * Finds a nats-server: the one that NATS_SERVER names, one on PATH, one in the cache, or one that
 * is installed into the cache now, by Go in its pinned version or from Debian's package.
 */
export async function findNats({
  cacheFolder = join(process.env["MIZAN_HOME"] ?? ".mizan", "bin"),
  progress = () => {},
}: Search): Promise<NatsProgram> {
  const named = process.env["NATS_SERVER"];
  if (named !== undefined && named !== "") return asked(named);
  const { version } = await pinned();
  const inCache = [version, "debian"].map((kind) => join(resolve(cacheFolder), nameOf(kind)));
  for (const file of ["nats-server", ...inCache]) {
    const found = await asked(file).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return asked(await install(resolve(cacheFolder), progress));
}

async function asked(file: string): Promise<NatsProgram> {
  return { file, version: parseNatsVersion((await run(file, ["-v"])).stdout) };
}

async function install(cacheFolder: string, progress: Progress): Promise<string> {
  await mkdir(cacheFolder, { recursive: true });
  const failures: string[] = [];
  for (const source of [byGo, fromDebian]) {
    const workFolder = await mkdtemp(join(cacheFolder, "install-"));
    try {
      const { made, kind } = await source(workFolder, progress);
      const file = join(cacheFolder, nameOf(kind));
      await copyFile(made, `${workFolder}.new`);
      await rename(`${workFolder}.new`, file); // two who install at once don't disturb each other
      return file;
    } catch (error) {
      failures.push(`${source.name}: ${String(error).split("\n", 2).join(" ")}`);
    } finally {
      await rm(workFolder, { recursive: true, force: true });
    }
  }
  const ways = "install nats-server 2.12 or newer on PATH, or Go, or name one by NATS_SERVER";
  throw new Error(`no nats-server can be had; ${ways} (${failures.join("; ")})`);
}

type Progress = (text: string) => void;

type Installed = { readonly made: string; readonly kind: string };

async function byGo(workFolder: string, progress: Progress): Promise<Installed> {
  const { module, version } = await pinned();
  await run("go", ["version"]);
  progress(`Building nats-server ${version} with Go, once; this takes about a minute.`);
  const env = { ...process.env, GOBIN: workFolder };
  await run("go", ["install", `${module}@${version}`], { env });
  return { made: join(workFolder, nameOf()), kind: version };
}

async function fromDebian(workFolder: string, progress: Progress): Promise<Installed> {
  await run("apt-get", ["--version"]);
  progress("Fetching Debian's nats-server, once.");
  const download = async () => {
    return run("apt-get", ["download", "nats-server"], { cwd: workFolder });
  };
  await download().catch(async () => {
    await run("apt-get", ["update"]); // a fresh image has no lists of packages
    await download();
  });
  const archive = (await readdir(workFolder)).find((name) => name.endsWith(".deb"));
  await run("dpkg-deb", ["-x", join(workFolder, archive!), workFolder]);
  const made = join(workFolder, "usr", "sbin", "nats-server");
  await access(made);
  return { made, kind: "debian" };
}

/** The version that test/tools.json pins for all who build a tool. */
async function pinned(): Promise<{ module: string; version: string }> {
  const tools = JSON.parse(await readFile(join(root, "test", "tools.json"), "utf8")) as {
    "nats-server": { module: string; version: string };
  };
  return tools["nats-server"];
}

function nameOf(kind?: string): string {
  const name = kind === undefined ? "nats-server" : `nats-server-${kind}`;
  return process.platform === "win32" ? `${name}.exe` : name;
}

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const run = promisify(execFile);
