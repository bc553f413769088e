import { ConnectError } from "@connectrpc/connect";
import { reasonOf } from "#mesh/errors.ts";
import { textOf } from "./amounts.ts";
import { type Actor, ASSET, type Stage, type Step } from "./stage.ts";

/** Money comes in: an administrator charges both accounts. */
export const charge: Step = {
  title: "An administrator charges the accounts of both",
  async act(stage) {
    const { entry: adas } = await chargeOf(stage, stage.ada, "250000.00");
    const { entry: bobs } = await chargeOf(stage, stage.bob, "1000.00");
    return [`Ada gets ${textOf(adas?.amount)}`, `Bob gets ${textOf(bobs?.amount)}`];
  },
};

/** The same request once more changes nothing. */
export const replay: Step = {
  title: "The charge of Ada is sent once more with the same key",
  async act(stage) {
    const headers = new Headers();
    const onHeader = (header: Headers) => header.forEach((value, name) => headers.set(name, value));
    const { entry } = await chargeOf(stage, stage.ada, "250000.00", onHeader);
    const replayed = headers.get("idempotent-replayed");
    if (replayed !== "true") throw new Error("The replay of a charge was not answered as one.");
    return [`idempotent-replayed: ${replayed}, the answer of the first time: entry ${entry?.id}`];
  },
};

/** The same key for another request is refused. */
export const reuse: Step = {
  title: "The same key comes with another amount",
  async act(stage) {
    const { reason, text } = await refusalOf(chargeOf(stage, stage.ada, "999999.00"));
    return [`refused with ${reason}: ${text}`];
  },
};

/** Why a call is refused that has to be, and in which words. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ readonly reason: string; readonly text: string }> {
  const error = await call.then(
    () => new Error("it was done"),
    (thrown: unknown) => ConnectError.from(thrown),
  );
  const reason = error instanceof ConnectError ? reasonOf(error) : undefined;
  if (reason !== undefined) return { reason, text: (error as ConnectError).rawMessage };
  throw new Error(`This had to be refused with a reason: ${error.message}`);
}

async function chargeOf(
  { admin, run }: Stage,
  person: Actor,
  amount: string,
  onHeader: (header: Headers) => void = () => {},
) {
  const request = {
    requestId: `charge-${person.name}-${run}`,
    userId: person.id,
    amount: { asset: ASSET, amount },
    reference: "demo",
  };
  return admin.calls.wallet.chargeAccount(request, { onHeader });
}
