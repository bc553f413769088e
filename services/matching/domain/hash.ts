/** Mixes words to 64 bits: two sums of 32 bits that see each word differently. Not for secrets. */
export class Hash {
  #high = 0x9e3779b9;
  #low = 0x7f4a7c15;
  readonly #real = new Float64Array(1);
  readonly #halves = new Int32Array(this.#real.buffer);

  word(word: number): void {
    const high = Math.imul(this.#high ^ word, 0x85ebca6b);
    const low = Math.imul(this.#low + word, 0xc2b2ae35) ^ high;
    this.#high = (high << 13) | (high >>> 19);
    this.#low = (low << 17) | (low >>> 15);
  }

  words(words: Int32Array, at: number, count: number): void {
    let [high, low] = [this.#high, this.#low];
    for (let word = at; word < at + count; word++) {
      const turned = Math.imul(high ^ words[word]!, 0x85ebca6b);
      low = Math.imul(low + words[word]!, 0xc2b2ae35) ^ turned;
      high = (turned << 13) | (turned >>> 19);
      low = (low << 17) | (low >>> 15);
    }
    this.#high = high;
    this.#low = low;
  }

  /** A number, whole or not. */
  real(real: number): void {
    this.#real[0] = real;
    this.words(this.#halves, 0, 2);
  }

  /** What all of them are, as 16 hex digits. */
  digits(): string {
    const high = mixed(this.#high ^ this.#low);
    return [high, mixed(this.#low + high)]
      .map((half) => (half >>> 0).toString(16).padStart(8, "0"))
      .join("");
  }
}

function mixed(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
