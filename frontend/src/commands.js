/** What the toolbar and the keyboard do to the document, beyond ProseMirror's own commands. */
import { lift, setBlockType, toggleMark, wrapIn } from "prosemirror-commands";
import { liftListItem, sinkListItem, wrapInList } from "prosemirror-schema-list";
import { AllSelection, NodeSelection, Selection, TextSelection } from "prosemirror-state";
import { schema } from "./schema.js";

const { nodes, marks } = schema;

/** The nearest ancestor of one of these types, with its position; null when there is none. */
export function ancestor($pos, types) {
  for (let depth = $pos.depth; depth > 0; depth -= 1) {
    const node = $pos.node(depth);
    if (types.includes(node.type)) return { node, pos: $pos.before(depth) };
  }
  return null;
}

export function markActive(type) {
  return ({ selection, storedMarks, doc }) => {
    const { $from, from, to, empty } = selection;
    if (empty) return Boolean(type.isInSet(storedMarks || $from.marks()));
    return doc.rangeHasMark(from, to, type);
  };
}

/** Where the selection starts, for questions about what is around it. */
function startOf({ doc, selection }) {
  return selection instanceof AllSelection ? Selection.atStart(doc).$from : selection.$from;
}

/** Everything, as text where it can be: then lists and quotations can be undone over it. */
export function selectEverything({ doc, tr }, dispatch) {
  const atoms = [nodes.table, nodes.image, nodes.embedded, nodes.horizontal_rule];
  const whole = [doc.firstChild, doc.lastChild].some(({ type }) => atoms.includes(type));
  const text = () => TextSelection.between(Selection.atStart(doc).$from, Selection.atEnd(doc).$to);
  if (dispatch) dispatch(tr.setSelection(whole ? new AllSelection(doc) : text()));
  return true;
}

const LISTS = [nodes.bullet_list, nodes.ordered_list];

export function listActive(type) {
  return (state) => ancestor(startOf(state), LISTS)?.node.type === type;
}

/** Puts the paragraphs into a list, turns one kind of list into the other, or takes them out. */
export function toggleList(type) {
  return (state, dispatch) => {
    const list = ancestor(startOf(state), LISTS);
    if (!list) return wrapInList(type)(state, dispatch);
    if (list.node.type === type) return liftListItem(nodes.list_item)(state, dispatch);
    if (dispatch) dispatch(state.tr.setNodeMarkup(list.pos, type));
    return true;
  };
}

export const indent = sinkListItem(nodes.list_item);
export const outdent = liftListItem(nodes.list_item);

export function quoteActive(state) {
  return Boolean(ancestor(startOf(state), [nodes.blockquote]));
}

export function toggleQuote(state, dispatch) {
  return quoteActive(state) ? lift(state, dispatch) : wrapIn(nodes.blockquote)(state, dispatch);
}

export function toggle(name) {
  return toggleMark(marks[name]);
}

/** @param {number} level  2-4, 0 for a plain paragraph */
export function setStyle(level) {
  return level ? setBlockType(nodes.heading, { level }) : setBlockType(nodes.paragraph);
}

/** @returns {number} 2-4 in a heading, 0 elsewhere */
export function styleOf(state) {
  const { parent } = startOf(state);
  return parent.type === nodes.heading ? parent.attrs.level : 0;
}

/** Takes the marks off the selection (or the whole paragraph) and makes headings paragraphs. */
export function clearFormatting(state, dispatch) {
  const { empty, $from } = state.selection;
  const from = empty ? $from.start() : state.selection.from;
  const to = empty ? $from.end() : state.selection.to;
  if (dispatch) {
    const tr = state.tr.removeMark(from, to).setBlockType(from, to, nodes.paragraph);
    dispatch(tr.setStoredMarks([]));
  }
  return true;
}

export function insertRule(state, dispatch) {
  if (dispatch) dispatch(state.tr.replaceSelectionWith(nodes.horizontal_rule.create(), false).scrollIntoView());
  return true;
}

export function insertBreak(state, dispatch) {
  if (!state.selection.$from.parent.isTextblock) return false;
  if (dispatch) dispatch(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
  return true;
}

/** The link the cursor is in or the selection touches: {href, from, to}, or null. */
export function linkAt({ doc, selection }) {
  const { $from, from, to, empty } = selection;
  if (empty) return linkAround($from);
  let found = null;
  doc.nodesBetween(from, to, (node, pos) => {
    if (!found && marks.link.isInSet(node.marks)) found = linkAround(doc.resolve(pos + 1));
  });
  return found;
}

function linkAround($pos) {
  const { parent } = $pos;
  const sides = [parent.childAfter($pos.parentOffset), parent.childBefore($pos.parentOffset)];
  const here = sides.find(({ node }) => node && marks.link.isInSet(node.marks));
  if (!here) return null;
  const link = marks.link.isInSet(here.node.marks);
  let first = here.index;
  let last = here.index;
  while (first > 0 && link.isInSet(parent.child(first - 1).marks)) first -= 1;
  while (last + 1 < parent.childCount && link.isInSet(parent.child(last + 1).marks)) last += 1;
  let from = $pos.start();
  for (let i = 0; i < first; i += 1) from += parent.child(i).nodeSize;
  let to = from;
  for (let i = first; i <= last; i += 1) to += parent.child(i).nodeSize;
  return { href: link.attrs.href, from, to };
}

/** Links a range; with `text`, puts that text there first. */
export function applyLink(state, dispatch, { from, to, href, text }) {
  const tr = state.tr;
  if (text) tr.insertText(text, from, to);
  const end = text ? from + text.length : to;
  tr.removeMark(from, end, marks.link).addMark(from, end, marks.link.create({ href }));
  dispatch(tr.setSelection(Selection.near(tr.doc.resolve(end), -1)).scrollIntoView());
}

export function removeLink(state, dispatch, { from, to }) {
  dispatch(state.tr.removeMark(from, to, marks.link));
}

export function insertTable(state, dispatch, { rows, columns, header }) {
  const row = (type) =>
    nodes.table_row.create(null, Array.from({ length: columns }, () => type.createAndFill()));
  const body = Array.from({ length: rows }, (_unused, i) =>
    row(header && i === 0 ? nodes.table_header : nodes.table_cell),
  );
  const table = nodes.table.create(null, body);
  const tr = state.tr.replaceSelectionWith(table, false);
  const $within = tr.doc.resolve(placeOf(table, tr.doc) + 1);
  dispatch(tr.setSelection(TextSelection.near($within)).scrollIntoView());
}

export function insertImage(state, dispatch, attrs) {
  insertBlock(state, dispatch, nodes.image.create(attrs));
}

/** Puts a document or file of the site there, in the place of what is selected. */
export function insertEmbedded(state, dispatch, attrs) {
  insertBlock(state, dispatch, nodes.embedded.create(attrs));
}

function insertBlock(state, dispatch, block) {
  const tr = state.tr.replaceSelectionWith(block, false);
  dispatch(goBehind(tr, placeOf(block, tr.doc) + block.nodeSize).scrollIntoView());
}

/** A block put in and left selected would be lost to the next key: the cursor goes behind it. */
export function notSelected(tr) {
  const { selection } = tr;
  return selection instanceof NodeSelection ? goBehind(tr, selection.to) : tr;
}

function goBehind(tr, end) {
  if (tr.doc.resolve(end).nodeAfter === null) tr.insert(end, nodes.paragraph.create());
  return tr.setSelection(Selection.near(tr.doc.resolve(end), 1));
}

function placeOf(block, doc) {
  let place = 0;
  doc.descendants((node, pos) => {
    if (node === block) place = pos;
    return node !== block;
  });
  return place;
}

function selected(type) {
  return ({ selection }) => {
    const found = selection instanceof NodeSelection && selection.node.type === type;
    return found ? { node: selection.node, pos: selection.from } : null;
  };
}

/** The selected picture's node and position, or null. */
export const selectedImage = selected(nodes.image);

/** The selected document's or file's node and position, or null. */
export const selectedEmbedded = selected(nodes.embedded);
