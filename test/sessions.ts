import type { DevFile } from "../scripts/platform/dev-file.ts";
import { decided, httpOf } from "./withdrawals/http.ts";

/** Calls a stack by JSON until each call is decided, and keeps its people logged in. */
export function sessionsOn(dev: DevFile) {
  const http = httpOf(dev.origin);
  const call = async (method: string, body: object, sent: { as?: string; key?: string } = {}) => {
    const answer = await decided(http, `/mizan.${method}`, { body, ...sent });
    if (answer.status === 200) return answer.json;
    throw new Error(`${method} was refused: ${JSON.stringify(answer.json)}`);
  };
  /** The access token of somebody, made anew before it ends. */
  const sessionOf = (credentials: object) => {
    let session: Promise<{ token: string; untilMs: number }> | undefined;
    const logIn = async () => {
      const { accessToken, expiresIn } = await call("core.v1.UserService/Login", credentials);
      return { token: accessToken as string, untilMs: performance.now() + expiresIn * 500 };
    };
    return async () => {
      if (session !== undefined && (await session).untilMs < performance.now()) session = undefined;
      session ??= logIn();
      return (await session).token;
    };
  };
  const admin = sessionOf(dev.admin);
  /** Calls as the administrator, under a key of its own. */
  const command = async (method: string, body: object) =>
    call(method, body, { as: await admin(), key: crypto.randomUUID() });
  return { http, call, sessionOf, admin, command };
}
