import { ConnectError } from "@connectrpc/connect";
import { MAX_GROUP_DIVISIONS } from "#mesh/limits.ts";

/** What became of one of a group: it is called to get the result, or to have the failure thrown. */
export type Outcome<R> = () => R;

/**
 * Does the work of a group. When it fails for what is in the group, the halves do it apart, and so
 * on, so that nobody fails for another. A failure that was foreseen, such as a database that is
 * away, is that of all.
 */
export async function apart<T, R>(
  group: readonly T[],
  work: (group: readonly T[]) => Promise<readonly R[]>,
  left = { divisions: MAX_GROUP_DIVISIONS },
): Promise<Outcome<R>[]> {
  try {
    return (await work(group)).map((result) => () => result);
  } catch (reason) {
    if (group.length > 1 && !(reason instanceof ConnectError) && left.divisions > 0) {
      left.divisions -= 1;
      const middle = Math.ceil(group.length / 2);
      const first = await apart(group.slice(0, middle), work, left);
      return [...first, ...(await apart(group.slice(middle), work, left))];
    }
    const fail = () => {
      throw reason;
    };
    return group.map(() => fail);
  }
}
