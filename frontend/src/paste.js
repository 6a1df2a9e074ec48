/** What arrives by the clipboard or by dragging: cleaned, its pictures uploaded, its oddities told. */
import { Plugin, PluginKey } from "prosemirror-state";
import { cleanHtml, cleanText, detectLegacy, neutraliseStyles } from "../clean.js";
import { fillIn } from "./dom.js";
import { sliceFromHtml } from "./serialize.js";

const arrivedRange = new PluginKey("arrived");

/** @param {object} editor  offers textarea, words, say(), pictures, addFiles() */
export function pasting(editor) {
  const state = { report: null, rtf: "" };
  const readRtf = (transfer) => {
    state.rtf = transfer ? transfer.getData("text/rtf") : "";
    return false;
  };
  const arrive = (report) => {
    state.report = report;
    // ProseMirror puts the slice in place right after this returns.
    setTimeout(() => settle(editor, state));
  };
  return new Plugin({
    key: arrivedRange,
    state: { init: () => null, apply: trackRange },
    props: {
      handleDOMEvents: {
        paste: (_view, event) => readRtf(event.clipboardData),
        drop: (_view, event) => readRtf(event.dataTransfer),
      },
      transformPastedHTML(html) {
        // Our own text, cut and pasted within an editor: the schema reads it.
        if (html.includes("data-pm-slice")) return neutraliseStyles(html);
        const first = editor.pictures.length;
        const report = cleanHtml(html, { origin: location.origin, rtf: state.rtf, first });
        editor.pictures.push(...report.dataImages);
        arrive(report);
        return report.html;
      },
      transformPastedText(text) {
        const legacy = detectLegacy(text);
        arrive({ legacy, text, html: "", unreadable: 0, upgraded: 0, dataImages: [] });
        return cleanText(text, { keepSoftHyphen: legacy === "tcvn3" });
      },
      handlePaste: (_view, event, slice) => takeFiles(editor, state, event.clipboardData, slice),
      handleDrop(view, event, slice, moved) {
        if (moved) return false;
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
        return takeFiles(editor, state, event.dataTransfer, slice, at && at.pos);
      },
    },
  });
}

/** Files count only when no text came with them: Excel and Word for Mac add a picture of the text. */
function takeFiles(editor, state, transfer, slice, at = null) {
  const files = Array.from((transfer && transfer.files) || []);
  if (!files.length || (slice && slice.content.textBetween(0, slice.content.size).trim())) return false;
  state.report = null;
  editor.addFiles(files, at);
  return true;
}

function settle(editor, state) {
  const { report } = state;
  if (!report) return;
  state.report = null;
  const { words } = editor;
  const told = [];
  if (report.unreadable) told.push(fillIn(words.imageUnreadable, { count: report.unreadable }));
  if (report.upgraded) told.push(fillIn(words.linkUpgraded, { count: report.upgraded }));
  if (told.length) editor.say(told.join(" "));
  if (report.legacy) announceLegacy(editor, report);
  if (report.dataImages.length) editor.uploadPending();
}

/** Somebody else offers the conversion; `replace` puts its result where the text was pasted. */
function announceLegacy(editor, { legacy, text, html }) {
  const detail = { encoding: legacy, text, html, replace: (converted) => replaceArrived(editor, converted) };
  editor.textarea.dispatchEvent(new CustomEvent("legacy-text", { bubbles: true, detail }));
}

function replaceArrived({ view }, html) {
  const range = arrivedRange.getState(view.state);
  if (!range) return;
  const slice = sliceFromHtml(cleanHtml(html, { origin: location.origin }).html);
  view.dispatch(view.state.tr.replaceRange(range.from, range.to, slice));
}

/** Where the text last pasted is now. */
function trackRange(tr, before) {
  const pasted = tr.getMeta("paste") || tr.getMeta("uiEvent") === "drop";
  if (!pasted) return before && mapped(before, tr.mapping);
  let range = null;
  tr.mapping.maps.forEach((map) => {
    range = range && mapped(range, map);
    map.forEach((_oldStart, _oldEnd, from, to) => {
      range = range ? { from: Math.min(range.from, from), to: Math.max(range.to, to) } : { from, to };
    });
  });
  return range;
}

function mapped(range, mapping) {
  return { from: mapping.map(range.from, 1), to: mapping.map(range.to, -1) };
}
