/** Pictures inside RTF: Word puts only "file:" addresses in its HTML, the bytes are in its RTF. */

const HEX = "0123456789abcdef";

/**
 * @param {string} rtf
 * @returns {(string|null)[]} one per picture in order: a data: URL, or null for a metafile
 */
export function picturesFromRtf(rtf) {
  const found = [];
  let at = rtf.indexOf("{\\pict");
  while (at !== -1) {
    const end = groupEnd(rtf, at);
    // \nonshppict repeats the picture before it for old readers.
    if (!/\{\\nonshppict\s*$/.test(rtf.slice(Math.max(0, at - 16), at))) {
      found.push(readPicture(rtf.slice(at + 1, end)));
    }
    at = rtf.indexOf("{\\pict", end);
  }
  return found;
}

function groupEnd(rtf, start) {
  let depth = 0;
  for (let i = start; i < rtf.length; i += 1) {
    const c = rtf[i];
    if (c === "\\") i += 1;
    else if (c === "{") depth += 1;
    else if (c === "}" && --depth === 0) return i;
  }
  return rtf.length;
}

function readPicture(group) {
  let flat = "";
  for (let i = 0; i < group.length; i += 1) {
    const inner = group[i] === "{";
    if (inner) i = groupEnd(group, i);
    // The space keeps a control word's number apart from the bytes that follow the group.
    flat += inner ? " " : group[i];
  }
  const kind = /\\(png|jpeg)blip/.exec(flat);
  const hex = flat.replace(/\\[a-z]+-?\d* ?/g, "").replace(/[^\da-f]/gi, "").toLowerCase();
  if (!kind || hex.length < 16) return null;
  let bytes = "";
  for (let i = 0; i + 1 < hex.length; i += 2) {
    bytes += String.fromCharCode(HEX.indexOf(hex[i]) * 16 + HEX.indexOf(hex[i + 1]));
  }
  return `data:image/${kind[1]};base64,${btoa(bytes)}`;
}
