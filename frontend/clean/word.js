/** What only Microsoft Word writes: list paragraphs, heading classes, tracked changes. */
import { cssOf } from "./raw.js";

/** Was this markup made by Word (or Outlook)? Then <del> is a tracked change, not a strike. */
export function isWord(html) {
  return /urn:schemas-microsoft-com:office:word|class="?Mso|mso-[a-z]+:/i.test(html);
}

/** @returns {number} 1 when a first-level heading or a title is there (h1 becomes h2), else 0 */
export function headingShift(body) {
  return body.querySelector("h1, p[class^='MsoTitle'], p[class^='MsoHeading1']") ? 1 : 0;
}

/** @returns {number} the source's heading level 1-9, 0 for none */
export function headingLevel(element) {
  const tag = /^H([1-6])$/.exec(element.tagName);
  if (tag) return Number(tag[1]);
  const style = /^MsoHeading([1-9])/.exec(element.className || "");
  if (style) return Number(style[1]);
  return /^MsoTitle/.test(element.className || "") ? 1 : 0;
}

/**
 * @param {Map<string, string>} rules  from readListRules
 * @returns {{level: number, ordered: boolean, start: (number|null), type: (string|null)}|null}
 *   what Word's "mso-list:l0 level2 lfo1" says of this paragraph, null when it is no list item
 */
export function listItemOf(element, rules) {
  const place = /(l\d+)\s+level(\d+)/.exec(cssOf(element).get("mso-list") || "");
  if (!place) return null;
  const format = rules.get(`${place[1]}:level${place[2]}`);
  const marker = markerText(element);
  const ordered = format ? !/^(bullet|image|none)$/.test(format) : looksNumbered(marker);
  return {
    level: Math.min(Number(place[2]), 9),
    ordered,
    start: ordered ? markerNumber(marker) : null,
    type: ordered ? numberType(format, marker) : null,
  };
}

/** Is this the bullet or number that Word drew as text beside the real list? */
export function isMarker(element) {
  return (cssOf(element).get("mso-list") || "").startsWith("ignore");
}

/** A further paragraph of the list item before it. */
export function isContinuation(element) {
  return /^MsoListParagraph/.test(element.className || "") && !cssOf(element).has("mso-list");
}

function markerText(element) {
  const marker = Array.from(element.querySelectorAll("[data-css]")).find(isMarker);
  return marker ? marker.textContent.replace(/[\s\u00a0]+/g, "") : "";
}

// "o" in Courier New is Word's second bullet; a number always has a mark after it or is digits.
function looksNumbered(marker) {
  return /^\(?(\d+|[a-zđ]{1,4}|\d+(\.\d+)+)[.):/]$/i.test(marker) || /^\d+(\.\d+)*$/.test(marker);
}

function markerNumber(marker) {
  const last = /(\d+)[.):/]?$/.exec(marker);
  if (last) return Number(last[1]);
  return /^\(?[aAiI][.):/]$/.test(marker) ? 1 : null;
}

function numberType(format, marker) {
  const byFormat = {
    "alpha-lower": "a",
    "alpha-upper": "A",
    "roman-lower": "i",
    "roman-upper": "I",
  }[format];
  if (byFormat) return byFormat;
  if (format) return null;
  const letter = /^\(?([a-zA-Z]+)[.):/]$/.exec(marker);
  if (!letter) return null;
  const roman = /^[ivx]+$/i.test(letter[1]);
  const upper = letter[1] === letter[1].toUpperCase();
  if (roman) return upper ? "I" : "i";
  return upper ? "A" : "a";
}
