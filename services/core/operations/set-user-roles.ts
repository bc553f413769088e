import { User_Role } from "#gen/mizan/core/v1/user_pb.ts";
import {
  type SetUserRolesRequest,
  type SetUserRolesResponse,
  SetUserRolesResponseSchema,
} from "#gen/mizan/core/v1/user_service_pb.ts";
import { once } from "#mesh/database/idempotency.ts";
import type { Call, Core } from "../context.ts";
import { allRoles, type Role, type User } from "../domain/user.ts";
import { fail } from "../errors.ts";
import { listAdministrators } from "../store/administrators.ts";
import { lockRoles, updateRoles } from "../store/roles.ts";
import { revokeSessionsOf } from "../store/sessions.ts";
import type { Queries } from "../store/tables.ts";
import { findUser } from "../store/users.ts";
import { toUser } from "./messages.ts";

/**
 * Sets what a user may do, once per key. Whoever is no administrator any more is logged out in the
 * same commit. Throws USER_NOT_FOUND, and LAST_ADMIN when no administrator would be left.
 */
export async function setUserRoles(
  core: Core,
  { userId, roles: wanted }: Pick<SetUserRolesRequest, "userId" | "roles">,
  { values }: Pick<Call, "values">,
): Promise<SetUserRolesResponse> {
  const roles = allRoles.filter((role) => wanted.includes(User_Role[role]));
  return once(core.db, values, SetUserRolesResponseSchema, async (tx) => ({
    user: toUser(await change(tx, userId.toLowerCase(), roles)),
  }));
}

async function change(tx: Queries, id: string, roles: readonly Role[]): Promise<User> {
  await lockRoles(tx); // two administrators may take each other's role at the same time
  const administrators = await listAdministrators(tx);
  if (!roles.includes("ADMIN") && administrators.includes(id)) {
    if (administrators.length === 1) throw fail("LAST_ADMIN", { user_id: id });
    await revokeSessionsOf(tx, id);
  }
  const user = (await updateRoles(tx, id, roles)) ? await findUser(tx, id) : undefined;
  if (user === undefined) throw fail("USER_NOT_FOUND", { user_id: id });
  return user;
}
