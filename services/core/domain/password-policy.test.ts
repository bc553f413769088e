import { describe, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { commonPasswords } from "../providers/common-passwords.ts";
import { checkPassword } from "./password-policy.ts";

const names = ["sara.ahmadi", "sara@example.com", "+989121234567"];

describe("checkPassword()", () => {
  test.each([
    ["a long phrase of plain words", "correct horse battery staple"],
    ["a phrase in Persian", "گربه‌ی سیاه روی دیوار"],
    ["a phrase that holds a name", "sara.ahmadi likes blue tea"],
    ["eight mixed characters", "v7#kQ2!x"],
  ])("S1 accepts %s", (_, password) => {
    expect(() => checkPassword(password, names, commonPasswords)).not.toThrow();
  });

  test.each([
    ["a common password", "q1w2e3r4t5"],
    ["a common password in capitals", "Password1"],
    ["the username", "sara.ahmadi"],
    ["the username and a year", "sara.ahmadi1403"],
    ["the name before the @ with a few digits", "Sara12345"],
    ["the phone number", "989121234567"],
    ["a name before a common password", "sarailoveyou"],
    ["one character over and over", "aaaaaaaaaaaa"],
    ["two characters in turn", "abababababab"],
    ["a sequence", "bcdefghijk"],
    ["a sequence backwards", "987654321"],
    ["too few characters", "v7#kQ2!"],
  ])("S1 refuses %s", (_, password) => {
    expect(refusal(password)).toBe("WEAK_PASSWORD");
  });

  test("S12 the refusal does not repeat the password", () => {
    expect(() => checkPassword("Password1", names, commonPasswords)).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/password1/i) }),
    );
  });
});

test("the list holds thousands of passwords that are long enough to matter", () => {
  expect(commonPasswords.size).toBeGreaterThan(2000);
  expect([...commonPasswords].filter((password) => password.length < 8)).toEqual([]);
});

function refusal(password: string): string | undefined {
  try {
    checkPassword(password, names, commonPasswords);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
