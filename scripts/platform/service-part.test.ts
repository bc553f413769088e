import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureBankAccounts } from "./bank-accounts.ts";
import { layoutOf, prepareFolders } from "./layout.ts";
import { tailOf } from "./log-file.ts";
import { ensureMagfaAccount } from "./magfa-account.ts";
import { optionsFrom } from "./options.ts";
import { servicePart } from "./service-part.ts";
import { services } from "./services.ts";

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), "mizan-part-"))));
afterEach(() => rmSync(home, { recursive: true }));

/** What a service says to the environment of a start, without anything that it could work with. */
async function lastWords(service: string, environment: Record<string, string>): Promise<string> {
  const layout = layoutOf(home, 0);
  prepareFolders(layout, false);
  mkdirSync(layout.certs, { recursive: true });
  const { settings = {}, env = {} } = optionsFrom(environment);
  const databases = { [service]: "no address" };
  const [magfa, banks] = [ensureMagfaAccount(layout), ensureBankAccounts(layout)];
  const row = services.find(({ name }) => name === service)!;
  const around = { layout, databases, nats: "", magfa, banks, settings, env };
  const part = servicePart(row, around);
  await using process = await part.start();
  expect(await process.exited).toBe("exit code 1");
  return tailOf(layout.logOf(service), 20);
}

test("S10 wrong limits for two administrators stop the start of billing with a sentence", async () => {
  const said = await lastWords("billing", { MIZAN_FOUR_EYES: "IRR=plenty" });
  expect(said).toMatch(/MIZAN_FOUR_EYES \(.+\) must be like IRR=1000000000\.00/);
});

test.each([{ MIZAN_FOUR_EYES: "IRR=1000.00" }, {}])(
  "S10 billing has nothing to say against the limits of %j",
  async (environment) => {
    const said = await lastWords("billing", environment);
    expect(said).toContain("DATABASE_URL");
    expect(said).not.toContain("MIZAN_FOUR_EYES");
  },
);

test("settings of one service are handed on to it, and to nobody else", async () => {
  const environment = { MIZAN_FOUR_EYES: "IRR=plenty", PAYOUT_MIN: "a bit" };
  expect(await lastWords("settlement", environment)).toMatch(/PAYOUT_MIN \(.+\) must be/);
  expect(await lastWords("billing", environment)).not.toContain("PAYOUT_MIN");
});
