import { expect, test } from "vitest";
import { toLoginName } from "./login-name.ts";

test.each([
  ["Sara", { kind: "username", name: "sara" }],
  ["Sara@Example.com", { kind: "email", name: "sara@example.com" }],
  ["+989121234567", { kind: "phoneNumber", name: "+989121234567" }],
  [" sara ", { kind: "username", name: "sara" }],
])("the login name %j is read by its form", (text, name) => {
  expect(toLoginName(text)).toEqual(name);
});
