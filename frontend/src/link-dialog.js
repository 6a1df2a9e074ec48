/** Asks for a link's address (and its text, where none is selected). */
import { safeHref } from "../clean.js";
import { el } from "./dom.js";
import { FormDialog } from "./dialog.js";

/**
 * @returns {Promise<{href: string, text: string, upgraded: boolean}|{remove: true}|null>}
 */
export async function askLink(words, { href = "", needsText = false, removable = false }) {
  const dialog = new FormDialog(words, words.linkTitle, words.save);
  const address = dialog.field(
    words.linkAddress,
    el("input", { type: "text", inputmode: "url", autocomplete: "off", autocapitalize: "none", spellcheck: "false" }),
    words.linkHint,
  );
  address.value = href;
  const text = needsText && dialog.field(words.linkText, el("input", { type: "text", autocomplete: "off" }));
  let remove = false;
  if (removable) {
    dialog.extraButton(words.linkRemove, () => {
      remove = true;
      dialog.element.close();
    });
  }
  const answer = await dialog.ask(() => {
    if (!address.value.trim()) return dialog.fail(words.linkEmpty, address);
    const link = safeHref(address.value);
    if (!link) return dialog.fail(words.linkBad, address);
    return { ...link, text: text ? text.value.trim() || address.value.trim() : "" };
  });
  return remove ? { remove: true } : answer;
}
