import { expect, test } from "vitest";
import { type NotificationType, textOf } from "./notification.ts";

test("a notification is a sentence with its values", () => {
  const values = { amount: "12.50", asset: "IRR" };
  expect(textOf({ type: "ACCOUNT_CHARGED", values })).toBe("12.50 IRR were added to your account.");
});

test("P5 a notification of a newer version has no text, but is no failure", () => {
  expect(textOf({ type: "FROM_TOMORROW" as NotificationType, values: {} })).toBe("");
});
