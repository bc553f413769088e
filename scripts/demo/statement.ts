import {
  type Entry,
  Entry_Side as Side,
  Entry_TypeSchema as TypeSchema,
} from "#gen/mizan/billing/v1/wallet_pb.ts";
import { table } from "../platform/table.ts";
import { withCommas } from "./amounts.ts";
import { type Actor, ASSET, type Step } from "./stage.ts";

/** The statement shows every change with the balance after it. */
export const statement: Step = {
  title: "Ada reads her statement, newest first",
  async act({ ada }) {
    const rows = (await entriesOf(ada)).map(({ type, side, amount, balanceAfter, reference }) => [
      TypeSchema.value[type]?.localName ?? String(type),
      `${signs[side]}${withCommas(amount?.amount ?? "")}`.padStart(12),
      withCommas(balanceAfter?.available?.amount ?? "").padStart(12),
      withCommas(balanceAfter?.held?.amount ?? "").padStart(12),
      withCommas(balanceAfter?.total?.amount ?? "").padStart(12),
      reference,
    ]);
    return table(["entry", "amount", "available", "held", "total", "reference"], rows).split("\n");
  },
};

/** Every entry of somebody, newest first; page by page. */
export async function entriesOf({ calls }: Actor): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let pageToken = ""; ;) {
    const page = await calls.wallet.listEntries({ asset: ASSET, pageToken });
    entries.push(...page.entries);
    pageToken = page.nextPageToken;
    if (pageToken === "") return entries;
  }
}

const signs: Readonly<Record<Side, string>> = {
  [Side.UNSPECIFIED]: " ",
  [Side.DEBIT]: "-",
  [Side.CREDIT]: "+",
};
