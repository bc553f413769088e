import { once } from "node:events";
import { parseArgs } from "node:util";
import { checkNodeVersion } from "#mesh/node-version.ts";

// Boots the whole platform on this machine and keeps it until Ctrl-C: npm start [-- --fresh]

const say = (text: string) => console.log(text);

try {
  checkNodeVersion(); // before anything is loaded that an old Node can't read
  const { bootStack } = await import("./platform/boot.ts");
  const { optionsFrom } = await import("./platform/options.ts");
  const { summaryOf } = await import("./platform/summary.ts");
  const { untilStopped } = await import("./platform/until-stopped.ts");
  const { fresh } = parseArgs({ options: { fresh: { type: "boolean", default: false } } }).values;
  const startMs = performance.now();
  const signal = untilStopped();
  const stack = await bootStack({ ...optionsFrom(process.env), fresh, say, signal });
  say(summaryOf(stack, performance.now() - startMs));
  if (!signal.aborted) await once(signal, "abort");
  say("Stopping: workers, services, router, simulators, broker, database.");
  await stack[Symbol.asyncDispose]();
  say("Everything has stopped.");
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
