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
  /** Takes a token, the next one of the same person among them. Throws when it is not good. */
  readonly take: (token: string) => Promise<Person>;
  readonly person: () => Person | undefined;
  readonly end: () => void;
};

/**
 * Knows a client for as long as its token is good: looks again now and then, and says when it is
 * no more, or when somebody else has signed in.
 */
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
    over(reason);
  };
  return {
    take: async (token) => {
      const person = await personOf(token);
      if (signed !== undefined && signed.person.id !== person.id) over(fail("SIGN_IN_FIRST"));
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
