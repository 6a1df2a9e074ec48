/** HTML of the textarea <-> the editor's document. */
import { DOMParser as ModelParser, DOMSerializer } from "prosemirror-model";
import { neutraliseStyles } from "../clean.js";
import { schema } from "./schema.js";

// Inert: an <img> made in the page's own document would be fetched at every keystroke.
const inert = document.implementation.createHTMLDocument("");
const serializer = DOMSerializer.fromSchema(schema);
const parser = ModelParser.fromSchema(schema);

/** @returns {import("prosemirror-model").Node} */
export function docFromHtml(html) {
  return parser.parse(inertBody(html));
}

/** @returns {import("prosemirror-model").Slice} */
export function sliceFromHtml(html) {
  return parser.parseSlice(inertBody(html));
}

function inertBody(html) {
  const { body } = new DOMParser().parseFromString(neutraliseStyles(html), "text/html");
  body.querySelectorAll("table > caption").forEach(moveBefore);
  return body;
}

/** The schema's tables hold rows only; a caption becomes the paragraph before its table. */
function moveBefore(caption) {
  const paragraph = caption.ownerDocument.createElement("p");
  paragraph.append(...caption.childNodes);
  caption.parentNode.before(paragraph);
  caption.remove();
}

/** @returns {string} one block to a line; "" when there is nothing in it */
export function htmlFromDoc(doc) {
  const root = inert.createElement("div");
  root.append(serializer.serializeFragment(doc.content, { document: inert }));
  root.querySelectorAll("img[data-upload], img:not([src])").forEach((img) => img.parentNode.remove());
  root.querySelectorAll("img").forEach((img) => img.removeAttribute("class"));
  root.querySelectorAll("li > p:first-child").forEach(unwrapInItem);
  root.querySelectorAll("td > p:only-child, th > p:only-child").forEach(unwrap);
  root.querySelectorAll("th").forEach(addScope);
  root.querySelectorAll(":scope > p:empty").forEach((paragraph) => paragraph.remove());
  return Array.from(root.children, (block) => block.outerHTML).join("\n").normalize("NFC");
}

function unwrap(element) {
  element.replaceWith(...element.childNodes);
}

/** "<li>text" when only nested lists follow; with more paragraphs each keeps its <p>. */
function unwrapInItem(paragraph) {
  const rest = Array.from(paragraph.parentNode.children).slice(1);
  if (rest.every((element) => /^(UL|OL)$/.test(element.tagName))) unwrap(paragraph);
}

/** Screen readers read a header cell with the cells of its column or row. */
function addScope(cell) {
  const row = cell.parentNode;
  const firstRow = !row.previousElementSibling;
  const ofRow = !firstRow && row.querySelector("td") && row.cells[0] === cell;
  cell.setAttribute("scope", ofRow ? "row" : "col");
}
