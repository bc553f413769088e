/** The septets that a UTF-16 code unit takes in GSM-7; 0 when the alphabet lacks it (SEG-2, SEG-3). */
export function septetsOf(codeUnit: number): number {
  return codeUnit < septets.length ? septets[codeUnit]! : 0;
}

/** The septets of a text in GSM-7, or undefined when one of its characters is not in it. */
export function countSeptets(text: string): number | undefined {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const cost = septetsOf(text.charCodeAt(at));
    if (cost === 0) return undefined;
    count += cost;
  }
  return count;
}

/** 3GPP TS 23.038 §6.2.1, sixteen codes a row from 0x00 on; 0x1B is the escape, no character. */
const basic = [
  "@£$¥èéùìòÇ\nØø\rÅå",
  "Δ_ΦΓΛΩΠΨΣΘΞ\u001BÆæßÉ",
  " !\"#¤%&'()*+,-./",
  "0123456789:;<=>?",
  "¡ABCDEFGHIJKLMNO",
  "PQRSTUVWXYZÄÖÑÜ§",
  "¿abcdefghijklmno",
  "pqrstuvwxyzäöñüà",
].join("");
const ESCAPE = 0x1b;

/** §6.2.1.1: after the escape the codes 0x0A, 14, 28, 29, 2F, 3C, 3D, 3E, 40 and 65. */
const extension = "\f^{}\\[~]|€";

const septets = new Uint8Array("€".charCodeAt(0) + 1); // no other has a higher code in Unicode
for (let code = 0; code < basic.length; code += 1) {
  if (code !== ESCAPE) septets[basic.charCodeAt(code)] = 1;
}
for (const character of extension) septets[character.charCodeAt(0)] = 2;
