/** Elements without markup strings, so that the content security policy has nothing to say. */

const SVG = "http://www.w3.org/2000/svg";
const MEGABYTE = 1_000_000;
let counter = 0;

/** A name no other element of the page has. */
export function uniqueId(prefix) {
  counter += 1;
  return `wse-${prefix}-${counter}`;
}

/**
 * @param {string} tag
 * @param {Object<string, *>} attributes  true: present, false/null: absent, function: listener
 * @param {...(Node|string)} children
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children);
  return element;
}

/** @param {string} path  the d of a 24 × 24 stroked drawing */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "wse-icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** "{count} ảnh" with {count: 2} -> "2 ảnh" */
export function fillIn(text, values) {
  return text.replace(/\{(\w+)\}/g, (_all, name) => String(values[name]));
}

/** A size in bytes as an officer reads it, in megabytes. */
export function megabytes(bytes) {
  return (bytes / MEGABYTE).toLocaleString(document.documentElement.lang || "vi", { maximumFractionDigits: 1 });
}

/** The pieces of a name in which no number of a document ("1208/UBND-VHTT") breaks at its hyphen. */
export function unbroken(name) {
  return name.split(/(\S*\/\S+)/).map((piece, i) => (i % 2 ? el("span", { class: "wse-whole" }, piece) : piece));
}
