import { eventually } from "../processes.ts";
import { type Answer, decided, type Json } from "./http.ts";
import { irr, type Merchant, type People } from "./people.ts";

/** A withdrawal as the contract shows it. */
export type Shown = {
  readonly id: string;
  readonly state: string;
  readonly reason?: string;
  readonly bankReference?: string;
  readonly attempts?: readonly { readonly provider: string; readonly state: string }[];
};

/** Where the contract has withdrawals made. */
export const CREATE = "/mizan.core.v1.WithdrawalService/CreateWithdrawal";

/** Asks once for a withdrawal. */
export async function ask(
  { http }: Pick<People, "http">,
  merchant: Merchant,
  { amount = "1.00", key = crypto.randomUUID() }: { amount?: string; key?: string } = {},
): Promise<Answer> {
  return http(CREATE, { body: { amount: irr(amount) }, as: await merchant.token(), key });
}

/** Asks for a withdrawal with the same key until it is decided. */
export async function withdraw(
  { http }: Pick<People, "http">,
  merchant: Merchant,
  { amount = "1.00", key = crypto.randomUUID() }: { amount?: string; key?: string } = {},
): Promise<Answer> {
  const as = await merchant.token();
  return decided(http, CREATE, { body: { amount: irr(amount) }, as, key });
}

/** The withdrawal of an answer; throws when it was a refusal. */
export function shownIn({ json }: Pick<Answer, "json">): Shown {
  const { withdrawal } = json as { withdrawal?: Shown };
  if (withdrawal === undefined) throw new Error(`There is no withdrawal: ${JSON.stringify(json)}`);
  return withdrawal;
}

/** Follows a withdrawal to its end. */
export async function ended(
  { http }: Pick<People, "http">,
  merchant: Merchant,
  withdrawalId: string,
): Promise<Shown> {
  const path = "/mizan.core.v1.WithdrawalService/GetWithdrawal";
  let last: Shown | undefined;
  await eventually(
    `the withdrawal ${withdrawalId} ends`,
    async () => {
      const sent = { body: { withdrawalId }, as: await merchant.token() };
      last = shownIn(await decided(http, path, sent));
      return ends.has(last.state);
    },
    END_MS,
  );
  return last!;
}

/** Every withdrawal of a merchant, the newest first. */
export async function withdrawalsOf(
  { http }: Pick<People, "http">,
  merchant: Merchant,
): Promise<Shown[]> {
  const found: Shown[] = [];
  for (let pageToken = ""; ;) {
    const body = { pageSize: 1000, pageToken };
    const sent = { body, as: await merchant.token() };
    const path = "/mizan.core.v1.WithdrawalService/ListWithdrawals";
    const { json }: { json: Json } = await decided(http, path, sent);
    found.push(...((json["withdrawals"] as Shown[] | undefined) ?? []));
    pageToken = (json["nextPageToken"] as string | undefined) ?? "";
    if (pageToken === "") return found;
  }
}

const ends = new Set(["SUCCEEDED", "FAILED", "CANCELLED", "RETURNED"].map((end) => `STATE_${end}`));

/** How long a withdrawal may take, whatever is killed: back-off and look-ups included. */
const END_MS = 60_000;
