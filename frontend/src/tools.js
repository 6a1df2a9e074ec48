/** Which tools the two toolbars hold. */
import { redo, redoDepth, undo, undoDepth } from "prosemirror-history";
import * as tables from "prosemirror-tables";
import { schema } from "./schema.js";
import * as commands from "./commands.js";

const { nodes, marks } = schema;

function command(name, run, active) {
  return {
    name,
    active,
    enabled: (state) => run(state),
    run: ({ view }) => run(view.state, view.dispatch, view),
  };
}

function markTool(name, type) {
  return { ...command(name, commands.toggle(type), commands.markActive(marks[type])) };
}

const STYLE = {
  name: "style",
  options: [
    { value: "0", name: "paragraph" },
    { value: "2", name: "heading2" },
    { value: "3", name: "heading3" },
    { value: "4", name: "heading4" },
  ],
  value: (state) => String(commands.styleOf(state)),
  choose: ({ view }, value) => commands.setStyle(Number(value))(view.state, view.dispatch),
};

/** @returns {boolean} whether the selection is in a table */
export const inTable = tables.isInTable;

export const TEXT_TOOLS = [
  [
    { ...command("undo", undo), enabled: (state) => undoDepth(state) > 0 },
    { ...command("redo", redo), enabled: (state) => redoDepth(state) > 0 },
  ],
  [STYLE],
  [
    markTool("bold", "strong"),
    markTool("italic", "em"),
    markTool("underline", "underline"),
    markTool("strike", "strike"),
  ],
  [
    command("bullets", commands.toggleList(nodes.bullet_list), commands.listActive(nodes.bullet_list)),
    command("numbers", commands.toggleList(nodes.ordered_list), commands.listActive(nodes.ordered_list)),
    command("outdent", commands.outdent),
    command("indent", commands.indent),
  ],
  [
    {
      name: "link",
      active: (state) => Boolean(commands.linkAt(state)),
      enabled: (state) => commands.toggle("link")(state),
      run: (editor) => editor.askLink(),
    },
    {
      name: "image",
      active: (state) => Boolean(commands.selectedImage(state)),
      run: (editor) => editor.askImage(),
    },
    {
      name: "document",
      offered: ({ server }) => Boolean(server.documentsUrl),
      active: (state) => Boolean(commands.selectedEmbedded(state)),
      run: (editor) => editor.askDocument(),
    },
    { name: "table", enabled: (state) => !inTable(state), run: (editor) => editor.askTable() },
    command("quote", commands.toggleQuote, commands.quoteActive),
    command("rule", commands.insertRule),
  ],
  [markTool("sub", "subscript"), markTool("sup", "superscript"), command("clear", commands.clearFormatting)],
];

export const TABLE_TOOLS = [
  [command("rowAbove", tables.addRowBefore), command("rowBelow", tables.addRowAfter), command("rowDelete", tables.deleteRow)],
  [
    command("columnLeft", tables.addColumnBefore),
    command("columnRight", tables.addColumnAfter),
    command("columnDelete", tables.deleteColumn),
  ],
  [
    command("headerRow", tables.toggleHeader("row"), hasHeaderRow),
    command("merge", tables.mergeCells),
    command("split", tables.splitCell),
  ],
  [command("tableDelete", tables.deleteTable)],
];

function hasHeaderRow(state) {
  if (!inTable(state)) return false;
  const rect = tables.selectedRect(state);
  const first = rect.table.firstChild;
  let all = true;
  first.forEach((cell) => (all = all && cell.type === nodes.table_header));
  return all;
}
