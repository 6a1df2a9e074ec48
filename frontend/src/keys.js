/** The keyboard, and the few things typed at the start of a line that become a list. */
import { baseKeymap, chainCommands, exitCode } from "prosemirror-commands";
import { redo, undo } from "prosemirror-history";
import { inputRules, undoInputRule, wrappingInputRule } from "prosemirror-inputrules";
import { keymap } from "prosemirror-keymap";
import { splitListItem } from "prosemirror-schema-list";
import { goToNextCell } from "prosemirror-tables";
import { schema } from "./schema.js";
import * as commands from "./commands.js";

const { nodes } = schema;

/** Shortcuts, also shown in the toolbar's tooltips. */
export const SHORTCUTS = {
  undo: "Ctrl+Z",
  redo: "Ctrl+Y",
  bold: "Ctrl+B",
  italic: "Ctrl+I",
  underline: "Ctrl+U",
  strike: "Ctrl+Shift+X",
  sub: "Ctrl+,",
  sup: "Ctrl+.",
  bullets: "Ctrl+Shift+8",
  numbers: "Ctrl+Shift+7",
  indent: "Ctrl+]",
  outdent: "Ctrl+[",
  quote: "Ctrl+Shift+9",
  link: "Ctrl+K",
  clear: "Ctrl+\\",
};

/** @param {object} editor  offers askLink(), askImage(), askDocument(), focusToolbar() */
export function keyboard(editor) {
  return [
    keymap({
      "Alt-F10": () => editor.focusToolbar(),
      "Mod-k": () => editor.askLink(),
      Enter: chainCommands(
        (state) => Boolean(commands.selectedImage(state)) && editor.askImage(),
        (state) => Boolean(commands.selectedEmbedded(state)) && editor.askDocument(),
        splitListItem(nodes.list_item),
      ),
      ...tabKeys(),
    }),
    keymap(FORMATTING),
    keymap(baseKeymap),
  ];
}

const FORMATTING = {
  "Mod-a": commands.selectEverything,
  "Mod-z": undo,
  "Mod-y": redo,
  "Mod-Shift-z": redo,
  "Mod-b": commands.toggle("strong"),
  "Mod-i": commands.toggle("em"),
  "Mod-u": commands.toggle("underline"),
  "Mod-Shift-x": commands.toggle("strike"),
  "Mod-,": commands.toggle("subscript"),
  "Mod-.": commands.toggle("superscript"),
  "Mod-Alt-0": commands.setStyle(0),
  "Mod-Alt-2": commands.setStyle(2),
  "Mod-Alt-3": commands.setStyle(3),
  "Mod-Alt-4": commands.setStyle(4),
  "Mod-Shift-7": commands.toggleList(nodes.ordered_list),
  "Mod-Shift-8": commands.toggleList(nodes.bullet_list),
  "Mod-Shift-9": commands.toggleQuote,
  "Mod-]": commands.indent,
  "Mod-[": commands.outdent,
  "Mod-\\": commands.clearFormatting,
  "Shift-Enter": chainCommands(exitCode, commands.insertBreak),
  Backspace: undoInputRule,
};

/** Tab moves in tables and lists; after Esc it leaves the text, as it does everywhere else. */
function tabKeys() {
  let leaving = false;
  const unlessLeaving = (command) => (state, dispatch) => {
    const free = leaving;
    leaving = false;
    return free ? false : command(state, dispatch);
  };
  return {
    Escape: () => {
      leaving = true;
      return false;
    },
    Tab: unlessLeaving(chainCommands(goToNextCell(1), commands.indent)),
    "Shift-Tab": unlessLeaving(chainCommands(goToNextCell(-1), outdentNested)),
  };
}

/** Shift+Tab raises a nested item, but never takes the text out of its list unasked. */
function outdentNested(state, dispatch) {
  const item = commands.ancestor(state.selection.$from, [nodes.list_item]);
  const nested = item && state.doc.resolve(item.pos).depth > 1;
  return nested ? commands.outdent(state, dispatch) : false;
}

/** "- " and "1. " start a list, as in Word; Backspace takes it back. */
export function typingRules() {
  return inputRules({
    rules: [
      wrappingInputRule(/^\s*[-*•]\s$/, nodes.bullet_list),
      wrappingInputRule(/^(\d{1,3})[.)]\s$/, nodes.ordered_list, (match) => ({
        order: Number(match[1]) || 1,
      }), (match, node) => node.childCount + node.attrs.order === Number(match[1])),
    ],
  });
}
