/**
 * Clipboard HTML and text -> the small, style-free HTML the editor's schema holds.
 *
 * Pure: needs a DOMParser and nothing else of the page; no network, no editor state. What it cannot
 * decide (pictures to upload, text in a legacy encoding) it hands back as values.
 */
import { parseInert, readListRules } from "./clean/raw.js";
import { headingShift, isWord } from "./clean/word.js";
import { detectLegacy, cleanText } from "./clean/text.js";
import { makePictures } from "./clean/pictures.js";
import { buildBlocks } from "./clean/build.js";

export { cleanText, detectLegacy };
export { safeHref } from "./clean/links.js";
export { neutraliseStyles } from "./clean/raw.js";

/**
 * @param {string} html   as read from the clipboard's text/html
 * @param {object} options
 * @param {string} [options.origin]  this site's origin; pictures from it are kept as they are
 * @param {string} [options.rtf]     the clipboard's text/rtf: Word puts the pictures' bytes there
 * @param {number} [options.first]   the number of the first picture to upload
 * @returns {{html: string, dataImages: string[], unreadable: number, upgraded: number,
 *   legacy: ("tcvn3"|"vni"|null), text: string}}
 *   dataImages: data: URLs; in the HTML the i-th is `<img data-upload="first + i">`.
 *   unreadable: pictures only the sender's machine can read, left out.
 *   upgraded: links rewritten from http to https.
 */
export function cleanHtml(html, { origin = "", rtf = "", first = 0 } = {}) {
  const body = parseInert(html);
  const legacy = detectLegacy(body.textContent, fontsIn(body));
  const pictures = makePictures(body, { origin, rtf, first });
  const context = {
    origin,
    pictures,
    upgraded: 0,
    // In TCVN3 the soft hyphen is the letter ư: conversion needs it.
    keepSoftHyphen: legacy === "tcvn3",
    word: isWord(html),
    listRules: readListRules(html),
    shift: headingShift(body),
    document: body.ownerDocument,
  };
  const out = buildBlocks(body, context);
  return {
    html: out.innerHTML,
    dataImages: pictures.dataImages,
    unreadable: pictures.unreadable,
    upgraded: context.upgraded,
    legacy,
    text: out.textContent,
  };
}

/** Every font family the markup names, one string. */
function fontsIn(body) {
  const named = body.querySelectorAll("[face], [data-css*='font-family']");
  return Array.from(named, (el) => el.getAttribute("face") || el.getAttribute("data-css")).join(" ");
}
