import { UserService } from "#gen/mizan/core/v1/user_service_pb.ts";
import { type CompatRow, compatRow } from "#mesh/compat/row.ts";
import type { Verifier } from "#mesh/token-verifier.ts";

/** The paths by which clients of replaced systems log in, renew their sessions and check a token. */
export function sessionRows(verifier: Pick<Verifier, "access">): readonly CompatRow[] {
  return [
    ...["/api/v1/auth/token", "/api/token"].flatMap((path) => [login(path), refresh(path)]),
    verify(verifier),
  ];
}

function login(path: string): CompatRow {
  return compatRow({
    path,
    verb: "POST",
    method: UserService.method.login,
    toRequest: (fields) => ({
      username: fields.text("username", { isRequired: true }),
      password: fields.text("password", { isRequired: true }),
    }),
    answer: async ({ ask }) => toPair(await ask()),
    errors: { key: "detail" },
  });
}

/** A refresh token is good for once (S5), so that the answer has the next one too. */
function refresh(path: string): CompatRow {
  return compatRow({
    path: `${path}/refresh`,
    verb: "POST",
    method: UserService.method.refreshSession,
    toRequest: (fields) => ({ refreshToken: fields.text("refresh", { isRequired: true }) }),
    answer: async ({ ask }) => toPair(await ask()),
    errors: { key: "detail" },
  });
}

/**
 * Checks an access token; no method does, so it borrows the rule of one that everybody may call. A
 * refresh token is not checked, since whoever presents one uses it up.
 */
function verify(verifier: Pick<Verifier, "access">): CompatRow {
  return compatRow({
    path: "/api/token/verify",
    verb: "POST",
    method: UserService.method.refreshSession,
    toRequest: (fields) => {
      fields.text("token", { isRequired: true });
      return { refreshToken: "none" };
    },
    answer: async ({ fields }) => {
      await verifier.access(fields.text("token"));
      return {};
    },
    errors: { key: "detail", texts },
  });
}

const texts = {
  BAD_CREDENTIALS: "The token is not valid.",
  TOKEN_EXPIRED: "The token has expired.",
} as const;

function toPair({ accessToken, refreshToken }: Record<"accessToken" | "refreshToken", string>) {
  return { access: accessToken, refresh: refreshToken };
}
