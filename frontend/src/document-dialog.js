/** Asks for a document that is on the site, or a file of this text, to stand within it. */
import { el, fillIn, megabytes, unbroken, uniqueId } from "./dom.js";
import { FormDialog } from "./dialog.js";
import { RefusedError, upload } from "./upload.js";

const PAUSE_MS = 250; // after the last key before the site is asked

/**
 * @param {object} words
 * @param {{documentsUrl: string, filesUrl: string, limit: number, csrf: string, renewUrl?: string}} server
 *   limit in bytes, 0 for none known; without filesUrl no file is taken
 * @param {{files: {url: string, label: string, detail: string}[], chosen: string}} what
 *   files: beside this text already; chosen: the address to mark as chosen
 * @returns {Promise<{url: string, label: string, detail: string, uploaded: boolean}|null>}
 */
export async function askDocument(words, server, what) {
  const dialog = new DocumentDialog(words, server, what);
  return dialog.run();
}

class DocumentDialog {
  constructor(words, server, { files, chosen }) {
    this.words = words;
    this.server = server;
    this.chosen = chosen;
    this.offers = new Map(); // radio button -> what it stands for
    this.group = uniqueId("choice");
    this.aborter = new AbortController();
    const title = server.filesUrl ? words.documentOrFileTitle : words.documentTitle;
    this.dialog = new FormDialog(words, title, words.insert);
    this.addSearch();
    if (server.filesUrl) this.addFiles(files);
  }

  addSearch() {
    const { words, dialog } = this;
    const box = el("input", { type: "search", autocomplete: "off", spellcheck: "false", maxlength: 200 });
    this.query = dialog.field(words.documentFind, box, words.documentFindHint);
    this.told = el("p", { class: "wse-hint", role: "status" });
    this.documents = this.addChoices(words.documentList);
    this.documents.before(this.told);
    // As high before the answer as after it: nothing moves under the finger.
    this.documents.classList.add("wse-found");
    this.query.addEventListener("input", () => this.searchSoon());
    this.query.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // looks, and does not insert what happens to be chosen
      this.search();
    });
  }

  addFiles(files) {
    const { words, dialog, server } = this;
    if (files.length) this.fill(this.addChoices(words.fileList), files);
    const hint = fillIn(words.fileHint, { size: megabytes(server.limit) });
    this.file = dialog.field(words.fileNew, el("input", { type: "file" }), hint);
    this.file.addEventListener("change", () => this.chooseFile());
    this.progress = el("progress", { max: 1, value: 0, "aria-label": words.fileUploading, hidden: true });
    dialog.fields.append(this.progress);
  }

  addChoices(title) {
    const list = el("div", {});
    this.dialog.fields.append(el("fieldset", { class: "wse-choices" }, el("legend", {}, title), list));
    return list;
  }

  fill(list, offers) {
    for (const old of list.querySelectorAll("input")) this.offers.delete(old);
    list.replaceChildren(...offers.map((offer) => this.choice(offer)));
  }

  choice(offer) {
    const radio = el("input", { type: "radio", name: this.group });
    radio.checked = offer.url === this.chosen;
    radio.addEventListener("change", () => this.choose(offer));
    this.offers.set(radio, offer);
    const text = el("span", {}, el("b", {}, ...unbroken(offer.label)), offer.detail ? el("small", {}, offer.detail) : "");
    return el("label", { class: "wse-choice" }, radio, text);
  }

  choose(offer) {
    this.dialog.clearError();
    this.chosen = offer.url;
    if (this.file) this.file.value = "";
  }

  chooseFile() {
    this.dialog.clearError();
    const [file] = this.file.files;
    if (!file) return;
    this.chosen = "";
    for (const radio of this.offers.keys()) radio.checked = false;
    const problem = this.problemWith(file);
    if (problem) this.dialog.fail(problem, this.file);
  }

  problemWith({ size }) {
    const { limit } = this.server;
    if (!limit || size <= limit) return "";
    return fillIn(this.words.fileTooBig, { size: megabytes(size), limit: megabytes(limit) });
  }

  searchSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), PAUSE_MS);
  }

  async search() {
    clearTimeout(this.timer);
    const asked = this.query.value;
    const found = await this.ask(asked);
    if (asked !== this.query.value) return; // another answer is on its way
    this.fill(this.documents, found ? found.documents : []);
    this.told.textContent = this.tell(found);
  }

  async ask(asked) {
    try {
      const url = `${this.server.documentsUrl}?${new URLSearchParams({ q: asked })}`;
      const response = await fetch(url, { headers: { Accept: "application/json" }, signal: this.aborter.signal });
      return response.ok && !response.redirected ? await response.json() : null;
    } catch {
      return null;
    }
  }

  tell(found) {
    const { words } = this;
    if (!found) return words.documentAway;
    const count = found.documents.length;
    if (!count) return words.documentNothing;
    return fillIn(found.more ? words.documentMany : words.documentCount, { count });
  }

  async run() {
    this.dialog.element.addEventListener("close", () => this.aborter.abort());
    this.search();
    return this.dialog.ask(() => this.submit());
  }

  async submit() {
    const file = this.file && this.file.files[0];
    if (file) return this.send(file);
    const radio = Array.from(this.offers.keys()).find(({ checked }) => checked);
    if (radio) return this.offers.get(radio);
    const { words } = this;
    return this.dialog.fail(this.file ? words.documentOrFileNone : words.documentNone, this.query);
  }

  async send(file) {
    const problem = this.problemWith(file);
    if (problem) return this.dialog.fail(problem, this.file);
    const { server, aborter, progress } = this;
    progress.hidden = false;
    try {
      const answer = await upload(server.filesUrl, { file }, server, (part) => (progress.value = part), aborter.signal);
      return { ...answer, uploaded: true };
    } catch (error) {
      return this.dialog.fail(this.reason(error), this.file);
    } finally {
      progress.hidden = true;
    }
  }

  reason(error) {
    if (!(error instanceof RefusedError)) return this.words.fileFailed;
    return error.message || fillIn(this.words.fileRefused, { status: error.status });
  }
}
