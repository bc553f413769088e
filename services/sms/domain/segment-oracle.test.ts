import { split } from "split-sms";
import { expect, test } from "vitest";
import { segment } from "./segment.ts";

/** split-sms by David Wood (MIT) is a segmenter that shares nothing with ours, tables included. */
const TEXTS = 150_000;

test("a segmenter of other people divides every text in the same parts (SEG-11)", () => {
  const random = randomOf(20_261_121);
  const texts = Array.from({ length: TEXTS }, () => textOf(random));
  expect(texts.filter(differs)).toEqual([]);
}, 60_000);

test.each(["", "hello", "Hi €", "سلام", "ok 👍"])("%j is the same to both", (text) => {
  expect(segment(text)).toEqual(splitOf(text));
});

test("every character of the basic plane is the same to both", () => {
  const plane = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
  expect(plane.filter((text) => text.isWellFormed() && differs(text))).toEqual([]);
});

/** Compares by hand: toEqual would take minutes. */
function differs(text: string): boolean {
  const ours = segment(text);
  const theirs = splitOf(text);
  return (
    ours.encoding !== theirs.encoding ||
    ours.units !== theirs.units ||
    ours.unitsLeft !== theirs.unitsLeft ||
    ours.parts.length !== theirs.parts.length ||
    ours.parts.some((part, index) => part !== theirs.parts[index])
  );
}

/** What split-sms makes of a text, in our terms. */
function splitOf(text: string) {
  const { characterSet, bytes, remainingInPart, parts } = split(text);
  const isGsm = characterSet === "GSM";
  return {
    encoding: isGsm ? "GSM7" : "UCS2",
    units: isGsm ? bytes : bytes / 2,
    unitsLeft: remainingInPart,
    parts: parts.map(({ content }) => content),
  };
}

const basic = Array.from(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà",
);
const extension = Array.from("\f^{}\\[~]|€");
const persian = Array.from("ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیءآ۰۱۲۹،؛؟٪\u064E\u0651\u200C\u200F");
const emoji = ["👍", "😀", "👨‍👩‍👧", "🇮🇷", "👍🏽", "❤️", "🏳️‍🌈", "1️⃣", "𝕏", "\u{10FFFF}"];
const controls = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code));
const lookalikes = Array.from("çÁ`´’“”–—…\u00A0\u0391\u03BC\u2126\u212B\uFF21\uFFFD\uFEFF");
const mixes = [
  [basic],
  [basic, extension],
  [basic, basic, basic, extension],
  [extension],
  [persian],
  [persian, basic, extension],
  [emoji],
  [persian, emoji],
  [basic, extension, persian, emoji, controls, lookalikes],
];

/** A text of one of the mixes, often of a length at which the number of parts changes. */
function textOf(random: (below: number) => number): string {
  const mix = mixes[random(mixes.length)]!;
  const borders = [0, 67, 70, 76, 80, 134, 153, 160, 201, 306, 459];
  const length = random(2) === 0 ? random(350) : borders[random(borders.length)]! + random(5);
  let text = "";
  while (text.length < length) {
    const characters = mix[random(mix.length)]!;
    text += characters[random(characters.length)]!.repeat(random(4) === 0 ? 1 + random(40) : 1);
  }
  return text;
}

/** The generator mulberry32: the same numbers in every run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
