/** Where clean blocks are collected: paragraphs from runs of text, lists from levels. */

const WRAPPERS = [
  ["bold", "strong"],
  ["italic", "em"],
  ["underline", "u"],
  ["strike", "s"],
  ["sub", "sub"],
  ["sup", "sup"],
];

/** Collects into one container element: the body, a list item, a cell or a quotation. */
export class Sink {
  /** @param {Element} container  @param {string} tag  what a run of text becomes here */
  constructor(container, tag = "p") {
    this.container = container;
    this.document = container.ownerDocument;
    this.tag = tag;
    this.runs = [];
    this.lists = [];
  }

  text(text, marks) {
    this.runs.push({ text, marks });
  }

  lineBreak() {
    this.runs.push({ text: "\n", marks: {}, isBreak: true });
  }

  /** Ends the paragraph in hand; one that holds no text is dropped. */
  close() {
    const runs = this.runs;
    this.runs = [];
    for (const paragraph of splitParagraphs(collapse(runs))) {
      this.lists = [];
      this.container.append(this.makeParagraph(paragraph));
    }
  }

  /** Adds a finished block. */
  block(element) {
    this.close();
    this.lists = [];
    this.container.append(element);
  }

  /** Runs `fill` with headings made of its text instead of paragraphs. */
  within(tag, fill) {
    this.close();
    const outer = this.tag;
    this.tag = tag;
    fill();
    this.close();
    this.tag = outer;
  }

  /**
   * Adds an item at a level (1 = outermost) and returns the Sink for its content.
   * A level jumped over is not invented; numbering that starts again starts another list.
   */
  listItem({ level, ordered, start = null, type = null }) {
    this.close();
    while (this.lists.length && this.top.level > level) this.lists.pop();
    if (this.lists.length && this.top.level === level && this.breaksList(ordered, start)) {
      this.lists.pop();
    }
    if (!this.lists.length || this.top.level < level) this.openList(level, ordered, start, type);
    const item = this.document.createElement("li");
    this.top.element.append(item);
    this.top.item = new Sink(item);
    if (this.top.next !== null) this.top.next += 1;
    return this.top.item;
  }

  /** @returns {Sink|null} the content of the item last added, if a list is still open */
  get openItem() {
    return this.lists.length ? this.top.item : null;
  }

  get top() {
    return this.lists[this.lists.length - 1];
  }

  breaksList(ordered, start) {
    if (this.top.ordered !== ordered) return true;
    return ordered && start !== null && this.top.next !== null && start !== this.top.next;
  }

  openList(level, ordered, start, type) {
    const element = this.document.createElement(ordered ? "ol" : "ul");
    if (ordered && start !== null && start > 1) element.setAttribute("start", String(start));
    if (ordered && type) element.setAttribute("type", type);
    const parent = this.lists.length ? this.top.item.container : this.container;
    parent.append(element);
    this.lists.push({ level, ordered, element, item: null, next: ordered ? start : null });
  }

  makeParagraph(runs) {
    const element = this.document.createElement(this.tag);
    for (const run of runs) {
      if (run.isBreak) element.append(this.document.createElement("br"));
      else element.append(this.makeRun(run));
    }
    return element;
  }

  makeRun({ text, marks }) {
    let node = this.document.createTextNode(text);
    const wrap = (tag) => {
      const outer = this.document.createElement(tag);
      outer.append(node);
      node = outer;
      return outer;
    };
    for (const [mark, tag] of [...WRAPPERS].reverse()) {
      // A heading is bold and a link underlined by the site's style already.
      const implied =
        (mark === "bold" && this.tag !== "p") || (mark === "underline" && marks.href);
      if (marks[mark] && !implied) wrap(tag);
    }
    if (marks.href) wrap("a").setAttribute("href", marks.href);
    return node;
  }
}

/** Joins equal neighbours, collapses white space over their borders, trims at breaks and ends. */
function collapse(runs) {
  const joined = [];
  for (const run of runs) {
    const last = joined[joined.length - 1];
    if (run.isBreak) {
      if (last && !last.isBreak) last.text = last.text.trimEnd();
      joined.push(run);
      continue;
    }
    const before = last === undefined || last.isBreak || last.text.endsWith(" ");
    const text = before ? run.text.replace(/^ +/, "") : run.text;
    if (!text) continue;
    if (last && !last.isBreak && sameMarks(last.marks, run.marks)) last.text += text;
    else joined.push({ ...run, text });
  }
  return joined.filter((run) => run.text !== "").map(normalised);
}

function normalised(run) {
  return run.isBreak ? run : { ...run, text: run.text.normalize("NFC") };
}

/** A blank line (two breaks) parts paragraphs; breaks and spaces at the ends go. */
function splitParagraphs(runs) {
  const paragraphs = [[]];
  runs.forEach((run, i) => {
    const blankLine = run.isBreak && (runs[i + 1]?.isBreak || runs[i - 1]?.isBreak);
    if (!blankLine) paragraphs[paragraphs.length - 1].push(run);
    else if (paragraphs[paragraphs.length - 1].length) paragraphs.push([]);
  });
  return paragraphs.map(trimEnds).filter((paragraph) => paragraph.some((run) => !run.isBreak));
}

function trimEnds(runs) {
  const kept = [...runs];
  while (kept.length && kept[0].isBreak) kept.shift();
  while (kept.length) {
    const last = kept[kept.length - 1];
    const text = last.isBreak ? "" : last.text.trimEnd();
    if (text) {
      kept[kept.length - 1] = { ...last, text };
      break;
    }
    kept.pop();
  }
  return kept;
}

function sameMarks(a, b) {
  return a.href === b.href && WRAPPERS.every(([mark]) => Boolean(a[mark]) === Boolean(b[mark]));
}
