/** From raw clipboard markup to an inert document, without waking the content security policy. */

const TAG = /<[a-zA-Z](?:[^>"']|"[^"]*"|'[^']*')*>/g;
const STYLE_ATTRIBUTE = /([\s"'/])style(\s*=)/gi;
const HANDLER_ATTRIBUTE = /([\s"'/])(on[a-z]+\s*=)/gi;
const STYLE_BLOCK = /<style\b[^>]*>([\s\S]*?)<\/style\s*>/gi;

/**
 * Renames style="" to data-css="", on…="" to data-on…="", and drops <style> and <base>: Chromium applies the
 * policy to markup while it parses it, even into an inert document, and would report each.
 */
export function neutraliseStyles(html) {
  return html
    .replace(STYLE_BLOCK, "")
    .replace(TAG, (tag) =>
      /^<base\b/i.test(tag)
        ? ""
        : tag.replace(STYLE_ATTRIBUTE, "$1data-css$2").replace(HANDLER_ATTRIBUTE, "$1data-$2"),
    );
}

/** @returns {HTMLElement} the body of a document in which nothing loads or runs */
export function parseInert(html) {
  return new DOMParser().parseFromString(neutraliseStyles(html), "text/html").body;
}

/**
 * Word's list definitions: "@list l0:level1 {mso-level-number-format:bullet; …}".
 * @returns {Map<string, string>} "l0:level1" -> the number format, "decimal" where none is given
 */
export function readListRules(html) {
  const rules = new Map();
  for (const [, css] of html.matchAll(STYLE_BLOCK)) {
    for (const [, name, body] of css.matchAll(/@list\s+(l\d+:level\d+)[^{]*\{([^}]*)\}/g)) {
      const format = /mso-level-number-format\s*:\s*([\w-]+)/.exec(body);
      rules.set(name, format ? format[1].toLowerCase() : "decimal");
    }
  }
  return rules;
}

/** The declarations of an element's renamed style attribute, names and values in lower case. */
export function cssOf(element) {
  const source = element.getAttribute("data-css");
  const found = new Map();
  if (!source) return found;
  for (const declaration of source.toLowerCase().split(";")) {
    const colon = declaration.indexOf(":");
    if (colon > 0) {
      found.set(declaration.slice(0, colon).trim(), declaration.slice(colon + 1).trim());
    }
  }
  return found;
}
