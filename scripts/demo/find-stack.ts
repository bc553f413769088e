import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bootStack } from "../platform/boot.ts";
import { type DevFile, homeFolder, readDevFile } from "../platform/dev-file.ts";
import { optionsFrom } from "../platform/options.ts";
import { freeOffset } from "../platform/ports.ts";
import { askReady } from "../platform/ready.ts";
import { untilStopped } from "../platform/until-stopped.ts";

/** The stack that runs on this machine; boots one of its own, to be disposed of, where none does. */
export async function findStack(
  say: (text: string) => void,
): Promise<AsyncDisposable & { readonly dev: DevFile }> {
  const dev = await running();
  if (dev !== undefined) return { dev, [Symbol.asyncDispose]: () => Promise.resolve() };
  say("No stack runs here (npm start): booting one for the demo, in a folder of its own.");
  await using cleanup = new AsyncDisposableStack();
  const home = mkdtempSync(join(tmpdir(), "mizan-demo-"));
  cleanup.defer(() => rmSync(home, { recursive: true, force: true }));
  chmodSync(home, 0o711); // the user of PostgreSQL has to pass
  const signal = untilStopped();
  const own = { home, offset: await freeOffset(), say, signal };
  const stack = cleanup.use(await bootStack({ ...optionsFrom(process.env), ...own }));
  const booted = cleanup.move();
  return { dev: stack.describe(), [Symbol.asyncDispose]: () => booted.disposeAsync() };
}

/** The running stack, if its description is there and all its services answer. */
async function running(): Promise<DevFile | undefined> {
  let dev: DevFile;
  try {
    dev = readDevFile(homeFolder());
  } catch {
    return undefined; // nothing was started here, or it has ended
  }
  const problems = await Promise.all(Object.values(dev.metrics).map(askReady));
  return problems.every((problem) => problem === "") ? dev : undefined;
}
