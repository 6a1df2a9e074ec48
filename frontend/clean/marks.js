/** Which of the seven marks an element adds or takes away, by its tag and its renamed style. */
import { cssOf } from "./raw.js";

const BY_TAG = {
  B: "bold",
  STRONG: "bold",
  I: "italic",
  EM: "italic",
  CITE: "italic",
  U: "underline",
  INS: "underline",
  S: "strike",
  STRIKE: "strike",
  DEL: "strike",
  SUB: "sub",
  SUP: "sup",
};

/** @returns {object} the marks in force inside `element` */
export function marksOf(element, outer, fromWord) {
  const tag = element.tagName.toUpperCase();
  const own = {};
  // In Word an insertion is a tracked change.
  if (BY_TAG[tag] && !(tag === "INS" && fromWord)) own[BY_TAG[tag]] = true;
  const css = cssOf(element);
  const weight = css.get("font-weight");
  if (weight) own.bold = /^(bold|bolder|[6-9]\d\d)/.test(weight);
  const slant = css.get("font-style");
  if (slant) own.italic = /^(italic|oblique)/.test(slant);
  const line = `${css.get("text-decoration") || ""} ${css.get("text-decoration-line") || ""}`;
  if (/none/.test(line)) own.underline = false;
  if (/underline/.test(line)) own.underline = true;
  if (/line-through/.test(line)) own.strike = true;
  const position = css.get("vertical-align");
  if (position === "sub") own.sub = true;
  if (position === "super") own.sup = true;
  return { ...outer, ...own };
}
