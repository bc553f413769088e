/** How many parts a text takes, and in which alphabet, as Magfa counts them. */
export function countParts(text: string): { parts: number; alphabet: "DEFAULT" | "UCS2" } {
  const isBasic = isGsm.test(text);
  const [single, long] = isBasic ? [160, 153] : [70, 67];
  let parts = 1;
  let used = 0;
  let units = 0;
  for (const character of text) {
    const size = isBasic ? (doubled.includes(character) ? 2 : 1) : character.length;
    units += size;
    if (used + size > long) [parts, used] = [parts + 1, 0];
    used += size;
  }
  return { parts: units > single ? parts : 1, alphabet: isBasic ? "DEFAULT" : "UCS2" };
}

const doubled = "^{}\\[~]|€\f";

/** The alphabet of 3GPP TS 23.038, with its extension. */
const isGsm =
  /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./\d:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€\f]*$/;
