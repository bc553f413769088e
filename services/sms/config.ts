import { secretFile } from "#mesh/secrets.ts";
import * as kinds from "#mesh/setting-kinds.ts";
import { type Setting, setting } from "#mesh/settings.ts";
import type { Lane } from "./domain/message.ts";

/** The provider, as every process of sms is told of it. */
const provider = {
  magfaUrl: setting(
    ["MAGFA_URL", "where Magfa's HTTP v2 is"],
    kinds.httpAddress,
    "https://sms.magfa.com/api/http/sms/v2",
  ),
  magfaUsername: setting(["MAGFA_USERNAME", "our name at Magfa"], kinds.word),
  magfaDomain: setting(["MAGFA_DOMAIN", "our domain at Magfa"], kinds.word),
  magfaPassword: required(secretFile(["MAGFA_PASSWORD_FILE", "our password at Magfa"], 1)),
  magfaHookSecret: required(
    secretFile(["MAGFA_HOOK_SECRET_FILE", "what Magfa's receipts prove themselves with"], 16),
  ),
  magfaTimeoutMs: setting(
    ["MAGFA_TIMEOUT_MS", "how long a call to Magfa may take"],
    kinds.integer(100, 60_000),
    10_000,
  ),
};

/** What all processes of sms have to agree on. */
const terms = {
  senders: setting(
    ["SMS_SENDERS", "the lines that messages may come from, the usual one first"],
    kinds.list(kinds.word),
    ["3000505"],
  ),
  countries: setting(
    ["SMS_COUNTRIES", "the countries that may be sent to, that of national numbers first"],
    kinds.list(kinds.word),
    ["IR"],
  ),
  maxSegments: setting(
    ["SMS_MAX_SEGMENTS", "the most parts of a message"],
    kinds.integer(1, 255),
    10,
  ),
  receiptHours: setting(
    ["SMS_RECEIPT_HOURS", "after how long without a receipt a message has failed"],
    kinds.integer(1, 168),
    24,
  ),
  refundUndelivered: setting(
    ["SMS_REFUND_UNDELIVERED", "whether UNDELIVERED gives the price back"],
    kinds.flag,
    false,
  ),
};

/** The settings of sms that its service and its workers have in common. */
export const commonSettings = { ...provider, ...terms };

/** The settings of sms beside those of every service. */
export const settings = {
  ...commonSettings,
  v1MaxCharacters: setting(
    ["SMS_V1_MAX_CHARACTERS", "the most characters of a text that comes by /sms/v1/send"],
    kinds.integer(1, 4096),
    480,
  ),
};

/** The settings of a worker of sms beside those of every process. */
export const workerSettings = {
  ...commonSettings,
  lane: setting(["SMS_LANE", "which lane a worker serves"], kinds.oneOf<Lane>(["EXPRESS", "BULK"])),
  segmentsPerSecond: setting(
    ["MAGFA_SEGMENTS_PER_SECOND", "how many parts a second Magfa takes from us, over all lanes"],
    kinds.integer(1, 100_000),
    2500,
  ),
};

function required<T>({ name, about, read }: Setting<T | undefined>): Setting<T> {
  return {
    name,
    about,
    read: (environment) => {
      const value = read(environment);
      if (value === undefined) throw new Error("is missing");
      return value;
    },
  };
}
