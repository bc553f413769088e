import { setTimeout as delay } from "node:timers/promises";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { refusalOf } from "./charges.ts";
import { irr, type Stage, type Step } from "./stage.ts";

/** Nobody but core has settlement pay, whatever they show. */
export const closedDoor: Step = {
  title: "Cyrus goes to settlement himself, past core",
  about: "credit",
  async act(stage) {
    const { shop, run } = stage;
    const sinceMs = Date.now();
    const [without, guessed] = [await oldPath(stage), await oldPath(stage, "guessed")];
    if (without !== 401 || guessed !== 403) throw new Error("Settlement's old path is open.");
    const direct = await refusalOf(
      shop.calls.payouts.createPayout({
        requestId: `direct-${run}`,
        payoutId: crypto.randomUUID(),
        merchantId: shop.id,
        accountId: "0".repeat(32),
        amount: irr("1.00"),
      }),
    );
    return [
      `the old path answers ${without} without a token, and ${guessed} with a guessed one`,
      `CreatePayout with his access token: refused with ${direct.reason}`,
      `the request log: ${await loggedRefusal(stage, sinceMs)}`,
    ];
  },
};

/** What the banks say of a day is compared with what settlement has paid. */
export const reconcile: Step = {
  title: "The statements of today are imported, and compared with what was paid",
  about: "credit",
  async act({ admin, bank, run }) {
    const statementDate = new Date().toISOString().slice(0, 10);
    const told: string[] = [];
    for (const { name: provider, control } of bank.banks) {
      const csv = await control.statement(statementDate);
      const asked = { requestId: `statement-${provider}-${run}`, provider, statementDate, csv };
      const { statement } = await admin.calls.reconciliation.importStatement(asked);
      const { lineCount = 0, matchedCount = 0, differenceCount = 0 } = statement ?? {};
      told.push(
        `${provider}: ${lineCount} lines, ${matchedCount} agree, ${differenceCount} differ`,
      );
    }
    return told;
  },
};

async function oldPath({ origin }: Stage, token?: string): Promise<number> {
  const answer = await fetch(`${origin}/api/settlement/withdraw`, {
    method: "POST",
    body: JSON.stringify({ amount: "1.00" }),
    headers: {
      "content-type": "application/json",
      ...(token !== undefined && { "x-internal-token": token }),
    },
  });
  return answer.status;
}

/** The line of the request log that tells of the refused call, as soon as it is there. */
async function loggedRefusal({ admin }: Stage, sinceMs: number): Promise<string> {
  const method = "mizan.settlement.v1.PayoutService/CreatePayout";
  const startTime = timestampFromMs(sinceMs);
  const endMs = performance.now() + WAIT_MS;
  for (;;) {
    const asked = { method, code: "PermissionDenied", startTime };
    const { requestLogs } = await admin.calls.requestLogs.listRequestLogs(asked);
    const [found] = requestLogs;
    if (found !== undefined) return `${found.service}, ${found.method}, ${found.reason}`;
    if (performance.now() > endMs) throw new Error("The request log does not have the call.");
    await delay(100);
  }
}

/** How long an event may be under way before the demo gives up. */
const WAIT_MS = 15_000;
