/** One textarea, enhanced: the document, its toolbars, and the way back into the form. */
import { history } from "prosemirror-history";
import { dropCursor } from "prosemirror-dropcursor";
import { gapCursor } from "prosemirror-gapcursor";
import { EditorState, NodeSelection, Plugin, Selection } from "prosemirror-state";
import { Decoration, DecorationSet, EditorView } from "prosemirror-view";
import { tableEditing } from "prosemirror-tables";
import { cleanHtml } from "../clean.js";
import * as commands from "./commands.js";
import { askDocument } from "./document-dialog.js";
import { el, fillIn, icon, unbroken, uniqueId } from "./dom.js";
import { ICONS } from "./icons.js";
import { askImage } from "./image-dialog.js";
import { keyboard, typingRules } from "./keys.js";
import { askLink } from "./link-dialog.js";
import { pasting } from "./paste.js";
import { schema } from "./schema.js";
import { docFromHtml, htmlFromDoc, sliceFromHtml } from "./serialize.js";
import { wordsFor } from "./strings.js";
import { askTable } from "./table-dialog.js";
import { Toolbar, Tooltip } from "./toolbar.js";
import { inTable, TABLE_TOOLS, TEXT_TOOLS } from "./tools.js";
import { blobFromDataUrl } from "./upload.js";

const INPUT_DELAY_MS = 400;

export class Editor {
  /** @param {HTMLTextAreaElement} textarea  with data-editor; see frontend/README.md */
  constructor(textarea) {
    const { lang, uploadUrl = "", uploadMax = "0", documentsUrl = "", filesUrl = "", files = "[]" } = textarea.dataset;
    this.textarea = textarea;
    this.words = wordsFor(lang);
    this.server = {
      url: uploadUrl,
      limit: Number(uploadMax) || 0,
      documentsUrl,
      filesUrl,
      renewUrl: textarea.form?.dataset.pulse,
      owner: textarea.form?.dataset.owner,
      // Read at each use: whoever signs in again in another tab gets a new one.
      get csrf() {
        return textarea.dataset.csrf || "";
      },
      set csrf(token) {
        textarea.dataset.csrf = token;
      },
    };
    this.files = JSON.parse(files); // beside this text: {url, label, detail}
    this.pictures = []; // data: URLs pasted, waiting for a description and their upload
    this.required = textarea.required;
    this.tooltip = new Tooltip();
    this.build();
    this.saved = htmlFromDoc(this.view.state.doc);
    this.synced = textarea.value;
    this.listen();
    this.update();
  }

  build() {
    const { textarea, words } = this;
    this.toolbar = new Toolbar(this, words.toolbar, TEXT_TOOLS);
    this.tableToolbar = new Toolbar(this, words.tableToolbar, TABLE_TOOLS);
    this.tableToolbar.element.classList.add("wse-table-toolbar");
    this.status = el("p", { class: "wse-status", role: "status" });
    this.help = el("p", { class: "wse-help", id: uniqueId("help") }, words.help);
    const content = el("div", { class: "wse-body" });
    this.element = el(
      "div",
      { class: "wse", "data-enhances": textarea.id || null },
      el("div", { class: "wse-top" }, this.toolbar.element, this.tooltip.element),
      content,
      this.tableToolbar.element,
      this.status,
      this.help,
    );
    this.view = new EditorView(content, {
      state: this.newState(textarea.value),
      attributes: this.textboxAttributes(),
      dispatchTransaction: (tr) => this.apply(tr),
      nodeViews: { table: tableView, embedded: embeddedView },
      handleDoubleClickOn: (_view, _pos, node) => this.edit(node),
    });
    textarea.after(this.element);
    textarea.hidden = true;
    textarea.classList.add("wse-source");
    textarea.required = false; // a hidden field cannot show the browser's complaint: checkRequired does
  }

  newState(html) {
    const plugins = [
      pasting(this),
      typingRules(),
      ...keyboard(this),
      tableEditing(),
      history(),
      dropCursor({ class: "wse-dropcursor", color: false }),
      gapCursor(),
      new Plugin({ props: { handleDOMEvents: readingSelection(this) } }),
      new Plugin({ props: { decorations: ({ doc }) => this.markPictures(doc) } }),
      new Plugin({ appendTransaction: (_trs, _before, { doc, tr }) => roomAtTheEnd(doc, tr) }),
      new Plugin({ appendTransaction: (trs, _before, { tr }) => afterPaste(trs, tr) }),
    ];
    return EditorState.create({ doc: docFromHtml(html), plugins });
  }

  textboxAttributes() {
    const { textarea } = this;
    const label = textarea.labels && textarea.labels[0];
    if (label && !label.id) label.id = uniqueId("label");
    const named = label
      ? { "aria-labelledby": label.id }
      : { "aria-label": textarea.getAttribute("aria-label") || this.words.toolbar };
    const described = [textarea.getAttribute("aria-describedby"), this.help.id].filter(Boolean);
    const optional = { "aria-required": textarea.required, "aria-invalid": textarea.getAttribute("aria-invalid") === "true" };
    const present = Object.entries(optional).filter(([, value]) => value).map(([name]) => [name, "true"]);
    return {
      class: `wse-content ${textarea.dataset.contentClass || ""}`.trim(),
      role: "textbox",
      "aria-multiline": "true",
      "aria-describedby": described.join(" "),
      lang: textarea.lang || "vi",
      // Browsers without a Vietnamese dictionary underline every word.
      spellcheck: String(textarea.getAttribute("spellcheck") === "true"),
      ...named,
      ...Object.fromEntries(present),
    };
  }

  listen() {
    const { textarea } = this;
    const { form } = textarea;
    for (const label of textarea.labels || []) label.addEventListener("click", () => this.focus());
    textarea.addEventListener("editor-set", (event) => this.load(event.detail.html));
    textarea.addEventListener("editor-insert", (event) => this.insertHtml(event.detail.html));
    textarea.addEventListener("editor-saved", () => (this.saved = textarea.value));
    if (form) {
      form.addEventListener("submit", (event) => this.onSubmit(event));
      form.addEventListener("reset", () => setTimeout(() => this.load(textarea.value)));
    }
    window.addEventListener("pageshow", () => {
      this.submitted = false;
      // A browser that puts back what was typed before a reload does it after this script ran.
      if (textarea.value !== this.synced) this.load(textarea.value);
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.submitted) event.preventDefault();
    });
  }

  get dirty() {
    return this.textarea.value !== this.saved && this.touched;
  }

  apply(tr) {
    this.view.updateState(this.view.state.apply(tr));
    if (tr.docChanged) this.sync();
    this.update();
  }

  /** Writes the document into the textarea at once, and says so when typing pauses. */
  sync() {
    this.touched = true;
    this.textarea.value = htmlFromDoc(this.view.state.doc);
    this.synced = this.textarea.value;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.announce(), INPUT_DELAY_MS);
  }

  announce() {
    this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }

  update() {
    if (!this.view) return;
    const { state } = this.view;
    this.toolbar.update(state);
    const inside = inTable(state);
    this.tableToolbar.element.hidden = !inside;
    if (inside) this.tableToolbar.update(state);
  }

  onSubmit(event) {
    if (this.required && !this.textarea.value && !event.submitter?.formNoValidate) {
      event.preventDefault();
      this.say(this.words.required);
      this.focus();
      return;
    }
    this.submitted = true;
    // Another listener may still stop the form.
    setTimeout(() => {
      if (event.defaultPrevented) this.submitted = false;
    });
  }

  /** Replaces the whole text; undo brings the former one back. */
  load(html) {
    const { doc, tr } = this.view.state;
    this.view.dispatch(tr.replaceWith(0, doc.content.size, docFromHtml(html).content));
  }

  insertHtml(html) {
    const clean = cleanHtml(html, { origin: location.origin }).html;
    const tr = this.view.state.tr.replaceSelection(sliceFromHtml(clean));
    this.view.dispatch(commands.notSelected(tr).scrollIntoView());
  }

  say(message) {
    this.status.textContent = message;
  }

  /**
   * The browser reports a moved cursor some time after it moved; on a slow machine a key, a paste or
   * a button can come in between and would act where the cursor was.
   */
  readSelection() {
    this.view.domObserver?.flush();
  }

  focus() {
    this.view.focus();
    return true;
  }

  focusToolbar() {
    this.toolbar.stop.focus();
    return true;
  }

  /** Runs a dialog and gives the text its focus back. */
  async during(dialog, use) {
    const answer = await dialog;
    if (answer) use(answer);
    this.focus();
  }

  askLink() {
    const { state } = this.view;
    const link = commands.linkAt(state);
    const { from, to, empty } = state.selection;
    const range = link && empty ? link : { from, to };
    const asked = askLink(this.words, {
      href: link ? link.href : "",
      needsText: empty && !link,
      removable: Boolean(link),
    });
    this.during(asked, (answer) => {
      const { view } = this;
      if (answer.remove) commands.removeLink(view.state, view.dispatch, empty ? link : range);
      else commands.applyLink(view.state, view.dispatch, { ...range, ...answer });
      if (answer.upgraded) this.say(fillIn(this.words.linkUpgraded, { count: 1 }));
    });
    return true;
  }

  askTable() {
    this.during(askTable(this.words), (size) => commands.insertTable(this.view.state, this.view.dispatch, size));
    return true;
  }

  /** Edits the selected picture, or asks for a new one. */
  askImage() {
    const selected = commands.selectedImage(this.view.state);
    if (!selected && !this.server.url) {
      this.say(this.words.imageNoUpload);
      return true;
    }
    const attrs = selected ? selected.node.attrs : null;
    this.during(askImage(this.words, this.server, { attrs }), (answer) => {
      const { state, dispatch } = this.view;
      if (selected) dispatch(selectAgain(state.tr.setNodeMarkup(selected.pos, null, answer), selected.pos));
      else this.insertImage(answer);
    });
    return true;
  }

  /** Asks for a document of the site or a file of this text; a selected one is replaced. */
  askDocument() {
    const { words, server, files } = this;
    if (!server.documentsUrl) return false;
    const selected = commands.selectedEmbedded(this.view.state);
    const asked = askDocument(words, server, { files, chosen: selected ? selected.node.attrs.href : "" });
    this.during(asked, ({ url, label, detail, uploaded }) => {
      if (uploaded) files.push({ url, label, detail });
      commands.insertEmbedded(this.view.state, this.view.dispatch, { href: url, label });
      this.say(fillIn(words.documentInserted, { name: label }));
    });
    return true;
  }

  edit({ type }) {
    if (type === schema.nodes.image) return this.askImage();
    return type === schema.nodes.embedded && this.askDocument();
  }

  insertImage(attrs) {
    commands.insertImage(this.view.state, this.view.dispatch, attrs);
    this.say(this.words.imageInserted);
  }

  /** Files pasted or dropped: each is asked about and uploaded in turn. */
  async addFiles(files, at) {
    const pictures = files.filter((file) => file.type.startsWith("image/"));
    if (!this.server.url) this.say(this.words.imageNoUpload);
    else if (pictures.length < files.length) this.say(this.words.imageType);
    if (!this.server.url || !pictures.length) return;
    if (at !== null) {
      const { state } = this.view;
      const near = Selection.near(state.doc.resolve(at));
      this.view.dispatch(state.tr.setSelection(near));
    }
    await this.uploadInTurn(pictures, (_blob, attrs) => attrs && this.insertImage(attrs));
  }

  /** Pictures that came inside pasted text, standing in the document without an address. */
  async uploadPending() {
    const waiting = [];
    this.view.state.doc.descendants(({ attrs }) => {
      if (attrs.upload != null) waiting.push(attrs);
    });
    const blobs = waiting.map(({ upload, alt }) => {
      const blob = blobFromDataUrl(this.pictures[Number(upload)]);
      return Object.assign(blob, { upload, suggestedAlt: alt });
    });
    if (this.server.url) await this.uploadInTurn(blobs, (blob, attrs) => this.settlePicture(blob.upload, attrs));
    else blobs.forEach((blob) => this.settlePicture(blob.upload, null));
  }

  async uploadInTurn(blobs, use) {
    const count = blobs.length;
    let dropped = 0;
    for (const [i, blob] of blobs.entries()) {
      const place = count > 1 ? fillIn(this.words.imageOf, { index: i + 1, count }) : "";
      const attrs = await askImage(this.words, this.server, { blob, place, alt: blob.suggestedAlt || "" });
      if (!attrs) dropped += 1;
      use(blob, attrs);
    }
    if (dropped) this.say(fillIn(this.words.imageDropped, { count: dropped }));
    this.focus();
  }

  /** Gives a waiting picture its address, or takes it out. */
  settlePicture(upload, attrs) {
    const { tr, doc } = this.view.state;
    doc.descendants((node, pos) => {
      if (node.attrs.upload !== upload) return;
      const at = tr.mapping.map(pos);
      if (attrs) tr.setNodeMarkup(at, null, attrs);
      else tr.delete(at, at + node.nodeSize);
    });
    this.view.dispatch(tr.setMeta("addToHistory", false));
  }

  markPictures(doc) {
    const marks = [];
    doc.descendants(({ type, attrs, nodeSize }, pos) => {
      if (type !== schema.nodes.image || (attrs.upload === null && attrs.alt !== null)) return;
      const hint = attrs.upload === null ? this.words.imageNeedsAlt : this.words.imageWaiting;
      marks.push(Decoration.node(pos, pos + nodeSize, { class: "wse-unfinished", "data-hint": hint }));
    });
    return DecorationSet.create(doc, marks);
  }
}

/** The cursor is read before a key or the clipboard acts on it; see Editor.readSelection. */
function readingSelection(editor) {
  const read = () => {
    editor.readSelection();
    return false;
  };
  const unlessComposing = (_view, event) => event.keyCode !== 229 && read();
  return { keydown: unlessComposing, copy: read, cut: read, paste: read };
}

function selectAgain(tr, pos) {
  return tr.setSelection(NodeSelection.create(tr.doc, pos));
}

/** A table wider than the screen scrolls by itself. */
function tableView() {
  const contentDOM = el("tbody");
  return { dom: el("div", { class: "wse-table" }, el("table", {}, contentDOM)), contentDOM };
}

/** A document as it lies in the text; not a link here, where a click only selects it. */
function embeddedView({ attrs }) {
  const drawing = icon(ICONS.document);
  return { dom: el("figure", { class: "wse-embedded" }, drawing, el("span", {}, ...unbroken(attrs.label))) };
}

function afterPaste(trs, tr) {
  const behind = trs.some((one) => one.getMeta("paste")) && commands.notSelected(tr);
  return behind && behind.selectionSet ? behind : null;
}

/** After a closing picture, document or table there is always a line to go on writing. */
function roomAtTheEnd(doc, tr) {
  const { image, embedded, table, horizontal_rule: rule } = schema.nodes;
  if (![image, embedded, table, rule].includes(doc.lastChild.type)) return null;
  return tr.insert(doc.content.size, schema.nodes.paragraph.create());
}
