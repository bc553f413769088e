import { type DevFile, homeFolder, readDevFile } from "../platform/dev-file.ts";
import { askReady } from "../platform/ready.ts";
import { temporaryStack } from "../platform/temporary-stack.ts";
import { untilStopped } from "../platform/until-stopped.ts";

/** The stack that runs on this machine; boots one of its own, to be disposed of, where none does. */
export async function findStack(
  say: (text: string) => void,
): Promise<AsyncDisposable & { readonly dev: DevFile }> {
  const dev = await running();
  if (dev !== undefined) return { dev, [Symbol.asyncDispose]: () => Promise.resolve() };
  say("No stack runs here (npm start): booting one for the demo, in a folder of its own.");
  const stack = await temporaryStack({ say, signal: untilStopped() });
  return {
    dev: stack.current().describe(),
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
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
