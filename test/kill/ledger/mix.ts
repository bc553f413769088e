import type { MessageInitShape } from "@bufbuild/protobuf";
import type { NewAccountSchema } from "#gen/mizan/billing/v1/account_pb.ts";
import { AccountFlag } from "#gen/mizan/billing/v1/account_pb.ts";
import { type NewTransferSchema, TransferFlag } from "#gen/mizan/billing/v1/transfer_pb.ts";
import { bytesOf, derivedId } from "#mesh/ids.ts";
import type { Random } from "../random.ts";

/** What a client knows of a transfer that it has sent. */
export const Outcome = { UNKNOWN: 0, APPLIED: 1, REFUSED: 2 } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** The outcomes by the numbers of the transfers. */
export type Outcomes = Outcome[];

/** A transfer to send; its number is also its user data, so that rows can be told apart. */
export type Made = {
  readonly number: number;
  readonly transfer: MessageInitShape<typeof NewTransferSchema>;
  /** Whether it is no part of a chain. */
  readonly isAlone: boolean;
};

/** What a client has sent so far, and what it knows of it. */
type Sent = {
  readonly run: string;
  readonly random: Random;
  readonly outcomes: Outcomes;
  readonly past: Made[];
  /** The numbers of holds that were made. */
  readonly holds: number[];
};

/** Draws what is sent: singles, holds that are posted, voided or expire, pairs, and copies. */
export function mixOf(run: string, random: Random) {
  const sent: Sent = { run, random, outcomes: [], past: [], holds: [] };
  return {
    accounts,
    outcomes: sent.outcomes,
    /** Gives every account money to spend. */
    funds: () =>
      limited.map((creditAccountId) => {
        return make(sent, { debitAccountId: world, creditAccountId, amount: "100000.00" });
      }),
    /** Draws about so many. */
    draw(count: number): Made[] {
      const made: Made[] = [];
      while (made.length < count) made.push(...drawOne(sent));
      return made;
    },
    /** Learns what became of a batch. A transfer that was applied stays so; nothing undoes it. */
    note(made: readonly Made[], statuses: readonly Outcome[]): void {
      for (const [place, one] of made.entries()) note(sent, one, statuses[place]!);
    },
  };
}

function note({ outcomes, past, holds, random }: Sent, made: Made, outcome: Outcome): void {
  const { number, transfer, isAlone } = made;
  if (outcomes[number] === Outcome.UNKNOWN) outcomes[number] = outcome;
  if (outcome !== Outcome.APPLIED) return;
  if (isAlone) keep(past, made, random);
  if (((transfer.flags ?? 0) & TransferFlag.PENDING) !== 0) keep(holds, number, random);
}

function drawOne(sent: Sent): Made[] {
  const { random, past, holds } = sent;
  const dice = random.below(100);
  if (dice < 5 && past.length > 0) return [random.pick(past)];
  if (dice < 10) return [make(sent, { ...pair(random), amount: MORE_THAN_ANYBODY_HAS })];
  if (dice < 25) {
    const timeoutSeconds = random.below(4);
    return [make(sent, { ...pair(random), flags: TransferFlag.PENDING, timeoutSeconds })];
  }
  if (dice < 40 && holds.length > 0) return [end(sent)];
  if (dice < 50) {
    const first = make(sent, { ...pair(random), flags: TransferFlag.LINKED }, false);
    return [first, make(sent, pair(random), false)];
  }
  return [make(sent, pair(random))];
}

/** Only what stands alone is repeated: of a pair both would have to be. */
function make({ run, outcomes }: Sent, fields: Fields, isAlone = true): Made {
  const number = outcomes.push(Outcome.UNKNOWN) - 1;
  const userData = bytesOf((number + 1).toString(16).padStart(32, "0"));
  const transfer = { asset: "IRR", code: 100, ...fields, id: idOf(run, number), userData };
  return { number, transfer, isAlone };
}

type Fields = Omit<Made["transfer"], "$typeName">;

function pair(random: Random) {
  const isHot = random.below(10) === 0;
  const debit = isHot ? 0 : random.below(limited.length);
  const credit = (debit + 1 + random.below(limited.length - 1)) % limited.length;
  const amount = `${random.below(50)}.${10 + random.below(90)}`;
  return { debitAccountId: limited[debit]!, creditAccountId: limited[credit]!, amount };
}

function end(sent: Sent): Made {
  const pendingId = idOf(sent.run, sent.random.pick(sent.holds));
  const isPost = sent.random.below(2) === 0;
  const flags = isPost ? TransferFlag.POST_PENDING : TransferFlag.VOID_PENDING;
  return make(sent, { asset: "", code: 0, pendingId, flags, all: isPost });
}

function idOf(run: string, number: number) {
  return bytesOf(derivedId(`transfer/crash/${run}/${number}`));
}

function keep<T>(things: T[], thing: T, random: Random): void {
  if (things.length < KEPT) things.push(thing);
  else things[random.below(KEPT)] = thing;
}

const KEPT = 2000;
const MORE_THAN_ANYBODY_HAS = "999999999999.00";

const world = bytesOf(derivedId("account/crash/world"));
const limited = Array.from({ length: 200 }, (_, n) => bytesOf(derivedId(`account/crash/${n}`)));
const accounts: MessageInitShape<typeof NewAccountSchema>[] = [
  { id: world, asset: "IRR", code: 700 },
  ...limited.map((id) => {
    return { id, asset: "IRR", code: 100, flags: AccountFlag.DEBITS_MUST_NOT_EXCEED_CREDITS };
  }),
];
