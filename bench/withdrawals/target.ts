import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "#mesh/ids.ts";
import { type Caller, createCaller } from "./caller.ts";

/** Where withdrawals are asked for, and the headers of those who ask. */
export type Target = { readonly port: number; readonly headers: readonly string[] };

/** Some callers, each of whom asks for one withdrawal at a time. */
export type Callers = Disposable & {
  /** Withdraws 1.00 of any merchant as soon as a caller is free; returns 1 when it was paid. */
  readonly withdraw: () => Promise<number>;
  /** What was not paid when it was answered, by what was said, since this was asked last. */
  readonly others: () => ReadonlyMap<string, number>;
};

/** Makes callers. What is refused for overload they ask again, with the same key, as one has to. */
export function openCallers({ port, headers }: Target, count: number): Callers {
  const path = "/mizan.core.v1.WithdrawalService/CreateWithdrawal";
  const all = Array.from({ length: count }, () => createCaller({ port, path }));
  const free = [...all];
  const line: ((caller: Caller) => void)[] = [];
  let others = new Map<string, number>();
  const note = (what: string) => others.set(what, (others.get(what) ?? 0) + 1);
  const ask = async (caller: Caller): Promise<number> => {
    const who = headers[Math.floor(Math.random() * headers.length)]!;
    const key = `${who}idempotency-key: ${newId()}\r\n`;
    for (let left = 100; left > 0; left -= 1) {
      const { status, body } = await caller.post(key, BODY);
      if (status === 200 && body.includes('"STATE_SUCCEEDED"')) return 1;
      const said = /"(?:state|reason)":"(\w+)"/.exec(body)?.[1] ?? body;
      note(`${status} ${said}`);
      if (status !== 429) return 0;
      await sleep(50 + Math.random() * 100);
    }
    return 0;
  };
  const withdraw = async () => {
    const caller = free.pop() ?? (await new Promise<Caller>((resolve) => line.push(resolve)));
    try {
      return await ask(caller);
    } catch (error) {
      note((error as Error).message);
      return 0;
    } finally {
      const next = line.shift();
      if (next === undefined) free.push(caller);
      else next(caller);
    }
  };
  return {
    withdraw,
    others: () => {
      const seen = others;
      others = new Map();
      return seen;
    },
    [Symbol.dispose]: () => {
      for (const caller of all) caller[Symbol.dispose]();
    },
  };
}

const BODY = '{"amount":{"asset":"IRR","amount":"1.00"}}';
