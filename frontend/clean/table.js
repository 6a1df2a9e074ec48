/** A pasted table with its spans, without its looks. */

const MOST_SPAN = 100;

/**
 * @param {HTMLTableElement} source
 * @param {(cell: Element, target: Element) => void} fillCell
 * @returns {Element|null} null when nothing is left of it
 */
export function buildTable(source, context, fillCell) {
  const table = context.document.createElement("table");
  const body = context.document.createElement("tbody");
  table.append(body);
  const rows = Array.from(source.rows).filter(isReal);
  rows.forEach((row, index) => {
    const clean = context.document.createElement("tr");
    for (const cell of row.cells) {
      clean.append(buildCell(cell, rows.length - index, context, fillCell));
    }
    if (clean.firstChild) body.append(clean);
  });
  return table.querySelector("p, figure, table, ul, ol") ? table : null;
}

/** Word adds a row of height 0 when columns are not aligned. */
function isReal(row) {
  return row.getAttribute("height") !== "0" && !row.hasAttribute("hidden");
}

function buildCell(cell, rowsLeft, context, fillCell) {
  const heading = cell.tagName === "TH" || cell.parentNode.parentNode.tagName === "THEAD";
  const clean = context.document.createElement(heading ? "th" : "td");
  const across = Math.min(cell.colSpan || 1, MOST_SPAN);
  const down = Math.min(cell.rowSpan || rowsLeft, rowsLeft);
  if (across > 1) clean.setAttribute("colspan", String(across));
  if (down > 1) clean.setAttribute("rowspan", String(down));
  fillCell(cell, clean);
  return clean;
}
