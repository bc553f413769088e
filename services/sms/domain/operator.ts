/**
 * Guesses the operator of an E.164 number by its longest known prefix; "" when none is known. Iran
 * has number portability, so this is a hint for routes and rates, no fact (NUM-6).
 */
export function operatorOf(number: string): string {
  for (let length = longest; length >= shortest; length -= 1) {
    const operator = operators.get(number.slice(0, length));
    if (operator !== undefined) return operator;
  }
  return "";
}

/** libphonenumber's carrier data for Iran, which its npm package leaves out. */
const operators = new Map([
  ["+9890", "IRANCELL"],
  ["+9891", "MCI"],
  ["+9892", "RIGHTEL"],
  ["+9893", "IRANCELL"],
  ["+98931", "MTCE"],
  ["+98932", "MCI"],
  ["+98934", "TELEKISH"],
  ["+98990", "MCI"],
  ["+98991", "MCI"],
  ["+98992", "MCI"],
  ["+98993", "MCI"],
  ["+98994", "MCI"],
  ["+98996", "MCI"],
  ["+989981", "SHATEL"],
  ["+989982", "SHATEL"],
  ["+989998", "RIGHTEL"],
]);

const lengths = Array.from(operators.keys(), (prefix) => prefix.length);
const longest = Math.max(...lengths);
const shortest = Math.min(...lengths);
