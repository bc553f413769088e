import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../processes.ts";

/** What a process is to do at a step; see mesh/failpoint.ts. */
export type Order = "kill" | "fail" | "wait";

/** The folder that a stack is told of by MIZAN_FAILPOINTS, for orders to its processes. */
export type Orders = Disposable & {
  readonly folder: string;
  /** Orders what the next process does that comes to the step. */
  give(step: string, order: Order): void;
  /** Waits until a process has come to the step and has begun to do what was ordered. */
  taken(step: string): Promise<void>;
  /** Waits until a process waits at the step. */
  waiting(step: string): Promise<void>;
  /** Lets the process go on that waits at the step. */
  release(step: string): void;
};

/** Makes a folder for orders; it goes when this is disposed of. */
export function makeOrders(): Orders {
  const folder = mkdtempSync(join(tmpdir(), "mizan-orders-"));
  const put = (name: string, text: string) => {
    const draft = join(folder, `.${name}`); // nobody may see half an order
    writeFileSync(draft, text);
    renameSync(draft, join(folder, name));
  };
  const has = (name: string) => existsSync(join(folder, name));
  return {
    folder,
    give: put,
    taken: async (step) => eventually(`somebody comes to ${step}`, () => !has(step), COME_MS),
    waiting: async (step) => {
      await eventually(`somebody waits at ${step}`, () => has(`${step}.waiting`), COME_MS);
      rmSync(join(folder, `${step}.waiting`));
    },
    release: (step) => put(`${step}.go`, ""),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** How long it may take until a process comes to a step that is on the way of every withdrawal. */
const COME_MS = 20_000;
