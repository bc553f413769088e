import { outside } from "../platform/outside.ts";
import type { Actor } from "./stage.ts";

/** Registers somebody, logs them in and tells of it. */
export async function join(
  { origin, run, say }: { origin: string; run: string; say: (text: string) => void },
  name: string,
): Promise<Actor> {
  const username = `${name.toLowerCase()}-${run}`;
  const password = `${run} likes long passwords`;
  const { user } = await outside(origin).users.registerUser({
    requestId: username,
    username,
    password,
  });
  say(`     ${name} registers as ${username}: user ${user?.id}`);
  return login({ origin, say }, name, { username, password });
}

/** Logs somebody in and tells of it. */
export async function login(
  { origin, say }: { origin: string; say: (text: string) => void },
  name: string,
  credentials: { readonly username: string; readonly password: string },
): Promise<Actor> {
  const { accessToken, expiresIn, user } = await outside(origin).users.login(credentials);
  say(`     ${name} logs in: an access token for ${expiresIn} s`);
  return { name, id: user?.id ?? "", calls: outside(origin, accessToken), accessToken };
}
