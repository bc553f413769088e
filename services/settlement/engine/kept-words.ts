import { mask } from "#mesh/mask.ts";
import { maskAccount } from "../domain/mask-account.ts";
import type { Payout } from "../domain/payout.ts";

/** What a provider has said, as far as it is kept. */
type Words = { readonly code?: string; readonly text?: string; readonly raw: string };

/**
 * A provider's words as they may be kept: no number of an account is in them (GATE-3), and nothing
 * that a column can't hold.
 */
export function keptWords<W extends Words>(
  words: W,
  { bankAccount }: Pick<Payout, "bankAccount">,
): W {
  const { code, text, raw } = words;
  const hide = (said: string) =>
    bankAccount === "" ? said : said.replaceAll(bankAccount, maskAccount(bankAccount));
  if (text === undefined) return { ...words, raw: hide(holdable(raw)) }; // nothing but a receipt
  return {
    ...words,
    ...(code !== undefined && { code: hide(holdable(code)) }),
    text: mask(hide(holdable(text))),
    raw: mask(hide(holdable(raw))),
  };
}

function holdable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "");
}
