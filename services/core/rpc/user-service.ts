import type { ServiceImpl } from "@connectrpc/connect";
import type { UserService } from "#gen/mizan/core/v1/user_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import type { Core } from "../context.ts";
import { getCurrentUser } from "../operations/get-current-user.ts";
import { login } from "../operations/login.ts";
import { toUser } from "../operations/messages.ts";
import { refreshSession } from "../operations/refresh-session.ts";
import { registerUser } from "../operations/register-user.ts";
import { setUserRoles } from "../operations/set-user-roles.ts";

/** Lets people join, log in and see themselves. */
export const userService = (core: Core): ServiceImpl<typeof UserService> => ({
  registerUser: async (request, call) => registerUser(core, request, call),
  login: async (request, call) => {
    const { user, ...tokens } = await login(core, request, call);
    return { ...tokens, user: toUser(user) };
  },
  refreshSession: async ({ refreshToken }) => refreshSession(core, refreshToken),
  getCurrentUser: async (_, { values }) => ({
    user: toUser(await getCurrentUser(core, personOf(values).id)),
  }),
  setUserRoles: async (request, call) => setUserRoles(core, request, call),
});
