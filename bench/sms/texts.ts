/** The next receiver: numbers of one operator, each of them once in ten million. */
export function receiver(): string {
  next = (next + 1) % 10_000_000;
  return `+98912${String(next).padStart(7, "0")}`;
}

/** A text of one part, by turns Persian and English. */
export function content(): string {
  return next % 2 === 0 ? `سفارش شما با شماره ${next} ثبت شد.` : `Your order ${next} was placed.`;
}

let next = 0;
