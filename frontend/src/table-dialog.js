/** Asks for the size of a new table. */
import { el } from "./dom.js";
import { FormDialog } from "./dialog.js";

/** @returns {Promise<{rows: number, columns: number, header: boolean}|null>} */
export function askTable(words) {
  const dialog = new FormDialog(words, words.tableTitle, words.insert);
  const sized = (label, max) =>
    dialog.field(label, el("input", { type: "number", min: 1, max, value: 3, inputmode: "numeric" }));
  const rows = sized(words.tableRows, 50);
  const columns = sized(words.tableColumns, 12);
  const header = dialog.checkbox(words.tableHeader, true);
  return dialog.ask(() => {
    const bad = [rows, columns].find((input) => !input.value || !input.validity.valid);
    if (bad) return dialog.fail(words.tableBad, bad);
    return { rows: Number(rows.value), columns: Number(columns.value), header: header.checked };
  });
}
