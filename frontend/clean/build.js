/** Walks the pasted document once and builds the clean one beside it: what is not named is lost. */
import { cssOf } from "./raw.js";
import { cleanText } from "./text.js";
import { ownPath, safeHref } from "./links.js";
import { marksOf } from "./marks.js";
import { buildTable } from "./table.js";
import { Sink } from "./sink.js";
import { headingLevel, isContinuation, isMarker, listItemOf } from "./word.js";

const DROPPED = new Set(
  ("SCRIPT STYLE LINK META TITLE BASE XML NOSCRIPT TEMPLATE IFRAME OBJECT EMBED APPLET VIDEO AUDIO " +
    "CANVAS SVG MATH MAP BUTTON INPUT SELECT TEXTAREA NAV DIALOG PROGRESS METER").split(" "),
);
const BLOCKS = new Set(
  ("ADDRESS ARTICLE ASIDE BODY CENTER DD DETAILS DIV DL DT FIELDSET FIGCAPTION FOOTER FORM HEADER " +
    "HGROUP LI MAIN P PRE SECTION SUMMARY CAPTION TR TD TH").split(" "),
);
const COMMENT_PARTS = /^(comment|comment-list|header|footer)$/;

/** @returns {Element} a div holding the clean blocks of `body` */
export function buildBlocks(body, context) {
  const root = context.document.createElement("div");
  const sink = new Sink(root);
  walkChildren(body, {}, sink, context);
  sink.close();
  return root;
}

/** Fills a fresh Sink over `container` with the clean content of `source`. */
export function fill(source, container, marks, context) {
  const sink = container instanceof Sink ? container : new Sink(container);
  walkChildren(source, marks, sink, context);
  sink.close();
}

function walkChildren(node, marks, sink, context) {
  for (const child of node.childNodes) {
    if (child.nodeType === 3) addText(child.data, marks, sink, context);
    else if (child.nodeType === 1) walkElement(child, marks, sink, context);
  }
}

function addText(data, marks, sink, context) {
  const clean = cleanText(data, context).replace(/[ \t\r\n\f]+/g, " ");
  if (clean) sink.text(clean, marks);
}

function walkElement(element, outerMarks, sink, context) {
  const tag = element.tagName.toUpperCase();
  if (isDropped(element, tag, context)) return;
  const handler = HANDLERS[tag];
  const marks = marksOf(element, outerMarks, context.word);
  if (handler) handler(element, marks, sink, context);
  else if (headingLevel(element)) walkHeading(element, marks, sink, context);
  else if (isBlock(element, tag)) walkBlock(element, marks, sink, context);
  else walkInline(element, marks, sink, context);
}

function isDropped(element, tag, context) {
  if (DROPPED.has(tag) || element.hasAttribute("hidden")) return true;
  if (element.getAttribute("role") === "navigation") return true;
  if (tag === "DEL" && context.word) return true;
  const css = cssOf(element);
  if (css.get("display") === "none" || css.get("mso-hide") === "all") return true;
  return (
    COMMENT_PARTS.test(css.get("mso-element") || "") ||
    /^(msocom|MsoComment)/.test(element.className || "")
  );
}

function isBlock(element, tag) {
  return BLOCKS.has(tag) || /^(block|flex|grid)$/.test(cssOf(element).get("display") || "");
}

function walkInline(element, marks, sink, context) {
  // A list draws its own bullet; a heading's number ("Điều 1.") is part of what it says.
  const marker = isMarker(element);
  if (marker && sink.tag === "p") return;
  walkChildren(element, marks, sink, context);
  if (marker) sink.text(" ", marks);
}

function walkBlock(element, marks, sink, context) {
  const item = listItemOf(element, context.listRules);
  sink.close();
  if (item) {
    fill(element, sink.listItem(item), marks, context);
  } else if (isContinuation(element) && sink.openItem) {
    fill(element, sink.openItem, marks, context);
  } else {
    walkChildren(element, marks, sink, context);
    sink.close();
  }
}

function walkHeading(element, marks, sink, context) {
  const level = Math.min(Math.max(headingLevel(element) + context.shift, 2), 4);
  const nested = sink.container.tagName !== "DIV";
  if (nested) walkBlock(element, { ...marks, bold: true }, sink, context);
  else sink.within(`h${level}`, () => walkChildren(element, marks, sink, context));
}

function walkList(element, marks, sink, context) {
  const online = element.querySelector(":scope > li[data-aria-level][data-listid]");
  if (online) {
    walkOnlineList(element, marks, sink, context);
    return;
  }
  const list = makeList(element);
  fillList(element, list, marks, context);
  if (list.firstChild) sink.block(list);
}

function makeList(element) {
  const list = element.ownerDocument.createElement(element.tagName.toLowerCase() === "ol" ? "ol" : "ul");
  const start = Number.parseInt(element.getAttribute("start") || "", 10);
  const type = element.getAttribute("type") || listStyleType(element);
  if (list.tagName === "OL" && start > 1) list.setAttribute("start", String(start));
  if (list.tagName === "OL" && /^[aAiI]$/.test(type)) list.setAttribute("type", type);
  return list;
}

// Google Docs says it on the item, browsers on the list.
function listStyleType(element) {
  const first = element.querySelector(":scope > li");
  const named =
    cssOf(element).get("list-style-type") || (first && cssOf(first).get("list-style-type")) || "";
  return { "lower-alpha": "a", "upper-alpha": "A", "lower-roman": "i", "upper-roman": "I" }[named] || "";
}

function fillList(source, list, marks, context) {
  for (const child of source.childNodes) {
    const tag = child.nodeType === 1 ? child.tagName : "";
    if (tag === "UL" || tag === "OL") nestList(child, list, marks, context);
    else if (tag === "LI") addItem(child, list, marks, context);
    else if (child.textContent.trim()) addItem(wrapped(child), list, marks, context);
  }
}

function addItem(source, list, marks, context) {
  if (isDropped(source, source.tagName, context)) return;
  const item = list.ownerDocument.createElement("li");
  fill(source, item, marksOf(source, marks, context.word), context);
  if (item.firstChild) list.append(item);
}

/** A list directly inside a list (Google Docs, Outlook) belongs to the item before it. */
function nestList(source, list, marks, context) {
  const nested = makeList(source);
  fillList(source, nested, marks, context);
  if (!nested.firstChild) return;
  if (list.lastElementChild) list.lastElementChild.append(nested);
  else list.append(...nested.childNodes);
}

function wrapped(node) {
  const item = node.ownerDocument.createElement("li");
  item.append(node.cloneNode(true));
  return item;
}

/** Word on the web puts every item in a list of its own and tells the level in an attribute. */
function walkOnlineList(element, marks, sink, context) {
  const ordered = element.tagName === "OL";
  const start = Number.parseInt(element.getAttribute("start") || "", 10) || null;
  let at = start;
  for (const item of element.querySelectorAll(":scope > li")) {
    const level = Number.parseInt(item.getAttribute("data-aria-level"), 10) || 1;
    fill(item, sink.listItem({ level, ordered, start: at }), marks, context);
    if (at !== null) at += 1;
  }
}

function walkLink(element, marks, sink, context) {
  const href = (element.getAttribute("href") || "").trim();
  const own = ownPath(href, context.origin);
  const link = own ? { href: own } : safeHref(href);
  if (link && link.upgraded) context.upgraded += 1;
  walkChildren(element, link ? { ...marks, href: link.href } : marks, sink, context);
}

function walkQuote(element, marks, sink, context) {
  const quote = context.document.createElement("blockquote");
  fill(element, quote, marks, context);
  if (quote.firstChild) sink.block(quote);
}

function walkImage(element, _marks, sink, context) {
  addPicture(element, "", sink, context);
}

function addPicture(img, caption, sink, context) {
  const placed = context.pictures.place(img);
  if (placed === null) return;
  if (typeof placed === "string") {
    sink.text(placed, {});
    return;
  }
  const figure = context.document.createElement("figure");
  figure.append(placed);
  if (caption) {
    figure.append(context.document.createElement("figcaption"));
    figure.lastChild.textContent = caption;
  }
  sink.block(figure);
}

/** A document or file as residents see it (templates/site/embedded.html), or null. */
function cardOf(figure, { origin, document }) {
  if (!figure.classList.contains("embedded")) return null;
  const address = ownPath(figure.querySelector("a[href]")?.getAttribute("href") || "", origin);
  const [, path] = /^(?:\/en)?(\/(?:van-ban|tep\/\d+)\/[^/?#]+)/.exec(address || "") || [];
  const label = figure.querySelector(".tag, .file-row p")?.firstChild?.textContent.trim();
  if (!path || !label) return null;
  const link = document.createElement("a");
  link.setAttribute("href", path);
  link.textContent = label;
  const card = document.createElement("figure");
  card.append(link);
  return card;
}

function walkFigure(element, marks, sink, context) {
  const card = cardOf(element, context);
  if (card) {
    sink.block(card);
    return;
  }
  const images = element.querySelectorAll("img");
  const caption = element.querySelector("figcaption");
  if (images.length !== 1 || element.querySelector("table")) {
    walkBlock(element, marks, sink, context);
    return;
  }
  const text = caption ? cleanText(caption.textContent, context).replace(/\s+/g, " ").trim() : "";
  addPicture(images[0], text, sink, context);
}

function walkTable(element, marks, sink, context) {
  if (element.getAttribute("role") === "presentation") {
    walkBlock(element, marks, sink, context);
    return;
  }
  if (element.caption) walkBlock(element.caption, marks, sink, context);
  const table = buildTable(element, context, (cell, target) =>
    fill(cell, target, marksOf(cell, {}, context.word), context),
  );
  if (table) sink.block(table);
}

/** Line ends are meant in <pre>. */
function walkPre(element, marks, sink, context) {
  sink.close();
  element.textContent.split("\n").forEach((line, i) => {
    if (i) sink.lineBreak();
    addText(line, marks, sink, context);
  });
  sink.close();
}

const HANDLERS = {
  UL: walkList,
  OL: walkList,
  MENU: walkList,
  A: walkLink,
  BLOCKQUOTE: walkQuote,
  IMG: walkImage,
  FIGURE: walkFigure,
  TABLE: walkTable,
  PRE: walkPre,
  BR: (_element, _marks, sink) => sink.lineBreak(),
  HR: (_element, _marks, sink, context) => sink.block(context.document.createElement("hr")),
};
