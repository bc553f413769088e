import { reasonOf } from "#mesh/errors.ts";
import { SOCKET_TOKEN_CHECK_MS } from "#mesh/limits.ts";
import type { Person } from "#mesh/person.ts";
import { fail } from "../errors.ts";

/** What a person is known by. */
export type SignInMeans = {
  /** The person of an access token; throws when it is not, or no more, a good one. */
  readonly personOf: (token: string) => Promise<Person>;
};

/** Who a client has proved to be. */
export type SignIn = {
  /**
   * Takes a token, the next one of the same person among them. Throws BAD_CREDENTIALS and
   * TOKEN_EXPIRED when it is not good, and SIGNED_IN_ALREADY for that of somebody else.
   */
  readonly take: (token: string) => Promise<Person>;
  readonly person: () => Person | undefined;
  readonly end: () => void;
};

/** Knows a client for as long as its token is good: looks again now and then, and says when it is not. */
export function createSignIn({ personOf }: SignInMeans, over: (reason: unknown) => void): SignIn {
  let signed: { readonly person: Person; readonly token: string } | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  const look = async () => {
    const { token } = signed!;
    const reason = await personOf(token).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (reason === undefined || signed?.token !== token) return;
    signed = undefined;
    clearInterval(timer);
    over(spoken(reason));
  };
  return {
    take: async (token) => {
      const person = await personOf(token).catch((reason: unknown) => {
        throw spoken(reason);
      });
      if (signed !== undefined && signed.person.id !== person.id) throw fail("SIGNED_IN_ALREADY");
      signed = { person, token };
      clearInterval(timer);
      timer = setInterval(() => void look(), SOCKET_TOKEN_CHECK_MS);
      timer.unref();
      return person;
    },
    person: () => signed?.person,
    end: () => clearInterval(timer),
  };
}

/** Says of a token what is wrong where there is no header that it could have come in. */
function spoken(reason: unknown): unknown {
  const known = reasonOf(reason);
  return known === "BAD_CREDENTIALS" || known === "TOKEN_EXPIRED" ? fail(known) : reason;
}
