/** Characters: what is stripped, and how the legacy Vietnamese encodings are recognised. */

const INVISIBLE = /[\u200b-\u200d\u2060\ufeff]/g;

/** NBSP -> space; soft hyphen and zero-width characters removed; composed form (NFC). */
export function cleanText(text, { keepSoftHyphen = false } = {}) {
  const seen = text.replace(/[\u00a0\u202f]/g, " ").replace(INVISIBLE, "");
  return (keepSoftHyphen ? seen : seen.replace(/\u00ad/g, "")).normalize("NFC");
}

// Letters only Vietnamese in Unicode has: text with one of them is not in a legacy encoding.
const UNICODE_VIETNAMESE = /[\u1ea0-\u1ef9\u0102\u0103\u0110\u0111\u01a0\u01a1\u01af\u01b0]/;
// TCVN3 puts letters where Latin-1 has signs: ¡¢£¤¥¦§¨©ª«¬ soft-hyphen ®µ¶·¸¹»¼½¾ × ÷.
const TCVN3 = /(.?)([\u00a1-\u00ae\u00b5-\u00b9\u00bb-\u00be\u00d7\u00f7])(?=(.?))/gsu;
const LETTER = /\p{L}/u;
const VNI_PAIR = /[aeo]\u00e2|\u00f6\u00f4|[AEO]\u00c2|\u00d6\u00d4/g;
const VNI_D = /\u00f1[aeiouy]|\u00d1[AEIOUY]/g;
const HIGH = /[\u00a1-\u00ff]/;

/**
 * Does this look like Vietnamese typed in TCVN3 (ABC) or VNI fonts?
 * The font's name settles it; without one, two different TCVN3-only signs beside letters, or two
 * strict VNI pairs (ñ with a vowel alone is Spanish). A warning's worth of evidence, never more.
 * @returns {"tcvn3"|"vni"|null}
 */
export function detectLegacy(text, fonts = "") {
  if (UNICODE_VIETNAMESE.test(text) || !HIGH.test(text)) return null;
  if (/(^|[\s"':,;&])\.vn[a-z]/i.test(fonts)) return "tcvn3";
  if (/(^|[\s"':,;&])vni-/i.test(fonts)) return "vni";
  const signs = Array.from(text.matchAll(TCVN3)).filter(standsForLetter).map((hit) => hit[2]);
  if (signs.length >= 2 && new Set(signs).size >= 2) return "tcvn3";
  const pairs = (text.match(VNI_PAIR) || []).length;
  const all = pairs + (text.match(VNI_D) || []).length;
  return pairs >= 1 && all >= 2 ? "vni" : null;
}

/** Is the sign where a letter would be? ® is đ, which only starts a word; "5µm" is a measure. */
function standsForLetter([, before, sign, after]) {
  if (sign === "\u00ae") return LETTER.test(after) && !LETTER.test(before);
  return LETTER.test(before) || (LETTER.test(after) && !/\d/.test(before));
}
