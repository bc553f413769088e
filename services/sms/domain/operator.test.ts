import { expect, test } from "vitest";
import { operatorOf } from "./operator.ts";

test.each([
  ["+989012345678", "IRANCELL"],
  ["+989301234567", "IRANCELL"],
  ["+989391234567", "IRANCELL"],
  ["+989311234567", "MTCE"],
  ["+989321234567", "MCI"],
  ["+989341234567", "TELEKISH"],
  ["+989123456789", "MCI"],
  ["+989901234567", "MCI"],
  ["+989941234567", "MCI"],
  ["+989951234567", ""],
  ["+989961234567", "MCI"],
  ["+989971234567", ""],
  ["+989201234567", "RIGHTEL"],
  ["+989981123456", "SHATEL"],
  ["+989982123456", "SHATEL"],
  ["+989983123456", ""],
  ["+989998812345", "RIGHTEL"],
  ["+989999012345", ""],
  ["+982188776655", ""],
  ["+12025550123", ""],
  ["+9890", "IRANCELL"],
  ["+989", ""],
  ["", ""],
])("the operator of %s is %j (NUM-6)", (number, operator) => {
  expect(operatorOf(number)).toBe(operator);
});
