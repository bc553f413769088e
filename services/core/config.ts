import { MAX_AMOUNT } from "#mesh/money.ts";
import { secretFile } from "#mesh/secrets.ts";
import * as kinds from "#mesh/setting-kinds.ts";
import { type Setting, setting } from "#mesh/settings.ts";
import { parseRials } from "./domain/credit-money.ts";
import { parseFourEyes } from "./domain/four-eyes.ts";
import type { FirstAdmin } from "./operations/ensure-admin.ts";

/** The settings of core beside those of every service. */
export const settings = {
  firstAdmin: firstAdmin(),
  fourEyesMinor: setting(
    ["CORE_FOUR_EYES", "the limit or repayment above which two administrators have to agree"],
    parseFourEyes,
    MAX_AMOUNT,
  ),
  withdrawalFeeMinor: setting(
    ["WITHDRAWAL_FEE", "what a withdrawal costs on top of its amount"],
    parseRials,
    0n,
  ),
  requestLogDays: setting(
    ["REQUEST_LOG_DAYS", "how long calls stay in the request log"],
    kinds.integer(1, 3650),
    30,
  ),
  withdrawalWaitMs: setting(
    ["WITHDRAWAL_WAIT_MS", "how long a withdrawal waits for its end before it is answered"],
    kinds.integer(0, 30_000),
    5000,
  ),
  withoutStatements: setting(
    ["WITHDRAWAL_NO_STATEMENTS", "the banks that send no statements, booked when they have paid"],
    kinds.list(kinds.word),
    [],
  ),
};

/** The first administrator, in a file that others may not read; nobody when none is named. */
function firstAdmin(): Setting<(() => FirstAdmin) | undefined> {
  const file = secretFile(["MIZAN_ADMIN_FILE", "who the first administrator is"], 2);
  const read: Setting<(() => FirstAdmin) | undefined>["read"] = (environment) => {
    const text = file.read(environment);
    if (text === undefined) return undefined;
    const admin = parse(text());
    return () => admin;
  };
  return { ...file, read };
}

function parse(text: string): FirstAdmin {
  try {
    const { username, password } = JSON.parse(text) as Record<string, unknown>;
    if (isName(username) && typeof password === "string") return { username, password };
  } catch {
    // what is no JSON gets the same answer, without a piece of the file in it (S12)
  }
  throw new Error('must name a file like {"username": "admin", "password": "…"}');
}

function isName(username: unknown): username is string {
  return typeof username === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{2,31}$/.test(username);
}
