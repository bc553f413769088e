import { expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { getCurrentUser } from "./get-current-user.ts";
import { registerUser } from "./register-user.ts";

test("the caller sees themselves, and nobody else's token shows anything", async () => {
  await using running = await testCore();
  const { core } = running;
  const names = { username: "Sara", email: "sara@example.com", phoneNumber: "+989121234567" };
  const request = { ...names, requestId: "", password: "blue tea pot 7" };
  const { user } = await registerUser(core, request, callWith());
  expect(await getCurrentUser(core, user!.id)).toMatchObject({ ...names, roles: ["USER"] });
  expect(reasonOf(await getCurrentUser(core, newId()).catch((error: unknown) => error))).toBe(
    "BAD_CREDENTIALS",
  );
});
