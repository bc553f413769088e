import { fromMinor, toMinor } from "#mesh/money.ts";
import type { DevFile } from "../../scripts/platform/dev-file.ts";
import { sessionsOn } from "../sessions.ts";
import type { Http, Json } from "./http.ts";

/** The people of a stack who move credit: an administrator and merchants. */
export type People = {
  readonly http: Http;
  /** The access token of the administrator. */
  readonly admin: () => Promise<string>;
  /** A merchant that may withdraw up to a limit. */
  readonly merchant: (limit: string) => Promise<Merchant>;
  /** Puts money into the pool. */
  readonly fillPool: (amount: string) => Promise<void>;
  /** Changes what a merchant may use. */
  readonly setLimit: (merchant: Merchant, limit: string) => Promise<void>;
  /** What the pool has, in the words of the contract. */
  readonly pool: () => Promise<Pool>;
  /** What a merchant has used and can use. */
  readonly credit: (merchant: Merchant) => Promise<Credit>;
};

/** Somebody who withdraws. */
export type Merchant = {
  readonly id: string;
  readonly username: string;
  /** The access token, made anew before it ends. */
  readonly token: () => Promise<string>;
};

export type Pool = { readonly available: string; readonly held: string };
export type Credit = Pool & { readonly utilized: string };

/** Everybody's password here. */
export const password = "a long enough password";

/** Meets the people of a stack. */
export function peopleOf(dev: DevFile): People {
  const { http, call, sessionOf, admin, command } = sessionsOn(dev);
  return {
    http,
    admin,
    async merchant(limit) {
      const username = `m-${crypto.randomUUID().slice(0, 18)}`;
      const asked = { username, password, requestedCredit: irr(limit) };
      const joining = { key: crypto.randomUUID() };
      const { merchant } = await call("core.v1.MerchantService/RegisterMerchant", asked, joining);
      const { id } = merchant as { id: string };
      const approval = { merchantId: id, creditLimit: irr(limit), remark: "a test" };
      await command("core.v1.MerchantService/ApproveMerchant", approval);
      return { id, username, token: sessionOf({ username, password }) };
    },
    async fillPool(amount) {
      await command("billing.v1.CreditService/TopUpPool", { amount: irr(amount) });
    },
    async setLimit({ id }, limit) {
      const change = { merchantId: id, creditLimit: irr(limit), remark: "a test" };
      await command("core.v1.MerchantService/SetCreditLimit", change);
    },
    async pool() {
      const { pool } = await call("billing.v1.CreditService/GetPool", {}, { as: await admin() });
      return { available: amountOf(pool.available), held: amountOf(pool.held) };
    },
    async credit({ id }) {
      const asked = { merchantId: id };
      const as = await admin();
      const { credit } = await call("core.v1.MerchantService/GetMerchant", asked, { as });
      return {
        available: amountOf(credit.available),
        held: amountOf(credit.held),
        utilized: amountOf(credit.utilizedAmount),
      };
    },
  };
}

/** An amount of IRR with so many whole units more, or less. */
export function more(amount: string, units: number): string {
  return fromMinor(toMinor(amount, 2) + BigInt(units) * 100n, 2);
}

/** Money as the wire wants it. */
export function irr(amount: string) {
  return { asset: "IRR", amount };
}

function amountOf(money: Json | undefined): string {
  return (money?.["amount"] as string | undefined) ?? "0.00";
}
