/** What a text may hold. Also the last guard: an address no rule accepts does not become a node. */
import { Schema } from "prosemirror-model";
import { tableNodes } from "prosemirror-tables";

// Stored texts may still link to http; what is pasted or typed is upgraded before it comes here.
const STORED_HREF = /^(https?:\/\/|mailto:|tel:|\/(?![/\\])|#)/i;

// What residents see as a card: a document of this site, or a file of it (core/embedded.py).
const EMBEDDED = /^\/(van-ban\/[^/?#]+|tep\/\d+\/[^/?#]+)$/;

const textBlock = { content: "inline*", group: "block" };

function heading(level) {
  return { tag: `h${level}`, attrs: { level: Math.min(Math.max(level, 2), 4) } };
}

function number(value) {
  const parsed = Number.parseInt(value || "", 10);
  return parsed > 0 ? parsed : null;
}

function ownImage(img) {
  if (!img) return false;
  const upload = img.getAttribute("data-upload");
  const src = img.getAttribute("src");
  if (upload !== null) return { upload, alt: img.getAttribute("alt") };
  if (!src || new URL(src, location.href).origin !== location.origin) return false;
  return {
    src,
    alt: img.getAttribute("alt"),
    width: number(img.getAttribute("width")),
    height: number(img.getAttribute("height")),
  };
}

function figure(dom) {
  const image = ownImage(dom.querySelector("img"));
  const caption = dom.querySelector("figcaption");
  return image && { ...image, caption: caption ? caption.textContent.trim() : "" };
}

function embedded(dom) {
  const link = dom.childElementCount === 1 && dom.querySelector(":scope > a[href]");
  const href = link && link.getAttribute("href");
  const label = link && link.textContent.trim();
  return Boolean(label) && EMBEDDED.test(href) && { href, label };
}

function imageToDom({ attrs }) {
  const img = { class: "wse-image" };
  for (const name of ["src", "alt", "width", "height"]) {
    if (attrs[name] !== null) img[name] = String(attrs[name]);
  }
  if (attrs.upload !== null) img["data-upload"] = attrs.upload;
  const caption = attrs.caption ? [["figcaption", attrs.caption]] : [];
  return ["figure", ["img", img], ...caption];
}

const nodes = {
  doc: { content: "block+" },
  paragraph: { ...textBlock, parseDOM: [{ tag: "p" }], toDOM: () => ["p", 0] },
  heading: {
    ...textBlock,
    attrs: { level: { default: 2 } },
    defining: true,
    parseDOM: [1, 2, 3, 4, 5, 6].map(heading),
    toDOM: (node) => [`h${node.attrs.level}`, 0],
  },
  blockquote: {
    content: "block+",
    group: "block",
    defining: true,
    parseDOM: [{ tag: "blockquote" }],
    toDOM: () => ["blockquote", 0],
  },
  bullet_list: {
    content: "list_item+",
    group: "block",
    parseDOM: [{ tag: "ul" }],
    toDOM: () => ["ul", 0],
  },
  ordered_list: {
    content: "list_item+",
    group: "block",
    attrs: { order: { default: 1 }, type: { default: null } },
    parseDOM: [{ tag: "ol", getAttrs: orderedList }],
    toDOM: ({ attrs }) => ["ol", orderedAttributes(attrs), 0],
  },
  list_item: {
    content: "paragraph block*",
    defining: true,
    parseDOM: [{ tag: "li" }],
    toDOM: () => ["li", 0],
  },
  horizontal_rule: { group: "block", parseDOM: [{ tag: "hr" }], toDOM: () => ["hr"] },
  image: {
    group: "block",
    draggable: true,
    attrs: {
      src: { default: null },
      alt: { default: null }, // null: not described yet; "": decorative
      width: { default: null },
      height: { default: null },
      caption: { default: "" },
      upload: { default: null }, // the number of a pasted picture still to be uploaded
    },
    parseDOM: [
      { tag: "figure", getAttrs: figure },
      { tag: "img", getAttrs: ownImage },
    ],
    toDOM: imageToDom,
  },
  embedded: {
    group: "block",
    draggable: true,
    attrs: { href: {}, label: {} },
    parseDOM: [{ tag: "figure", getAttrs: embedded }],
    toDOM: ({ attrs }) => ["figure", ["a", { href: attrs.href }, attrs.label]],
  },
  hard_break: {
    inline: true,
    group: "inline",
    selectable: false,
    linebreakReplacement: true,
    parseDOM: [{ tag: "br" }],
    toDOM: () => ["br"],
  },
  text: { group: "inline" },
  ...tableNodes({ tableGroup: "block", cellContent: "block+", cellAttributes: {} }),
};

function orderedList(dom) {
  const type = dom.getAttribute("type") || "";
  return { order: number(dom.getAttribute("start")) || 1, type: /^[aAiI]$/.test(type) ? type : null };
}

function orderedAttributes({ order, type }) {
  return { ...(order > 1 && { start: String(order) }), ...(type && { type }) };
}

function mark(tag, tags, extra = {}) {
  return { parseDOM: tags.map((name) => ({ tag: name })), toDOM: () => [tag, 0], ...extra };
}

const marks = {
  link: {
    attrs: { href: {} },
    inclusive: false,
    parseDOM: [{ tag: "a[href]", getAttrs: linkAttributes }],
    toDOM: ({ attrs }) => ["a", { href: attrs.href }, 0],
  },
  strong: mark("strong", ["strong", "b"]),
  em: mark("em", ["em", "i"]),
  underline: mark("u", ["u"]),
  strike: mark("s", ["s", "del", "strike"]),
  subscript: mark("sub", ["sub"], { excludes: "superscript" }),
  superscript: mark("sup", ["sup"], { excludes: "subscript" }),
};

function linkAttributes(dom) {
  const href = dom.getAttribute("href").trim();
  return STORED_HREF.test(href) && { href };
}

export const schema = new Schema({ nodes, marks });
