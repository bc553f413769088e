import { dictionary } from "@zxcvbn-ts/language-common";
import { MIN_PASSWORD_LENGTH } from "#mesh/limits.ts";

/** The passwords that are guessed first, long enough to be tried at all, in lower case (S1). */
export const commonPasswords: ReadonlySet<string> = new Set(
  dictionary.passwords.filter((password) => password.length >= MIN_PASSWORD_LENGTH),
);
