/** Asks for a picture and for what it shows, and uploads it. */
import { el, fillIn, megabytes } from "./dom.js";
import { FormDialog } from "./dialog.js";
import { shrunk } from "./shrink.js";
import { RefusedError, upload } from "./upload.js";

const TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp"];
const PREVIEW_WIDTH = 320;

/**
 * @param {object} words
 * @param {{url: string, csrf: string, renewUrl?: string, limit: number}} server  limit in bytes, 0 for none known
 * @param {{blob?: Blob, attrs?: object, alt?: string, place?: string}} what
 *   blob: upload this; attrs: edit this picture; neither: let the officer choose a file
 * @returns {Promise<object|null>} the picture's attributes, null when the officer gave up
 */
export async function askImage(words, server, what) {
  const dialog = new ImageDialog(words, server, what);
  return dialog.run();
}

class ImageDialog {
  constructor(words, server, { blob = null, attrs = null, alt = "", place = "" }) {
    this.words = words;
    this.server = server;
    this.attrs = attrs;
    this.blob = blob;
    this.aborter = new AbortController();
    const title = attrs ? words.imageEdit : words.imageTitle;
    this.dialog = new FormDialog(words, place ? `${title} – ${place}` : title, attrs ? words.save : words.insert);
    if (!attrs) this.addPicture();
    this.addDescription(attrs ? attrs.alt : alt || null, attrs ? attrs.caption : "");
    this.progress = el("progress", { max: 1, value: 0, "aria-label": words.imageUploading, hidden: true });
    this.dialog.fields.append(this.progress);
    if (blob) this.preview(blob);
  }

  addPicture() {
    const { words } = this;
    if (!this.blob) {
      const limit = this.server.limit;
      const hint = limit ? fillIn(words.imageLimit, { size: megabytes(limit) }) : words.imageHint;
      this.file = this.dialog.field(words.imageFile, el("input", { type: "file", accept: TYPES.join(",") }), hint);
      this.file.addEventListener("change", () => this.choose());
    }
    this.canvas = el("canvas", { class: "wse-preview", role: "img", "aria-label": words.imagePreview, hidden: true });
    this.dialog.fields.append(this.canvas);
  }

  addDescription(alt, caption) {
    const { words } = this;
    this.alt = this.dialog.field(words.imageAlt, el("textarea", { rows: 2, maxlength: 500 }), words.imageAltHint);
    this.alt.value = alt || "";
    this.decorative = this.dialog.checkbox(words.imageDecorative, alt === "");
    const follow = () => {
      this.alt.disabled = this.decorative.checked;
    };
    this.decorative.addEventListener("change", follow);
    follow();
    this.caption = this.dialog.field(words.imageCaption, el("input", { type: "text", maxlength: 500 }));
    this.caption.value = caption;
  }

  async choose() {
    this.dialog.clearError();
    const [chosen] = this.file.files;
    const file = chosen && (await shrunk(chosen));
    if (chosen !== this.file.files[0]) return;
    const problem = file && this.problemWith(file);
    if (problem) this.dialog.fail(problem, this.file);
    else if (file) this.preview(file);
  }

  problemWith(file) {
    const { words } = this;
    const { limit } = this.server;
    if (/hei[cf]/.test(file.type + file.name)) return words.imageHeic;
    if (!TYPES.includes(file.type)) return words.imageType;
    if (!limit || file.size <= limit) return "";
    return fillIn(words.imageTooBig, { size: megabytes(file.size), limit: megabytes(limit) });
  }

  /** Drawn on a canvas: a blob: address would need img-src to allow more than this site. */
  async preview(blob) {
    const bitmap = await createImageBitmap(blob, { resizeWidth: PREVIEW_WIDTH }).catch(() => null);
    this.canvas.hidden = !bitmap;
    if (!bitmap) return;
    this.canvas.width = bitmap.width;
    this.canvas.height = bitmap.height;
    this.canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
  }

  async run() {
    this.dialog.element.addEventListener("close", () => this.aborter.abort());
    return this.dialog.ask(() => this.submit());
  }

  async submit() {
    const { words } = this;
    const chosen = this.blob || (this.file && this.file.files[0]);
    if (!this.attrs && !chosen) return this.dialog.fail(words.imageNone, this.file);
    const blob = chosen && (await shrunk(chosen));
    const problem = this.attrs ? "" : this.problemWith(blob);
    if (problem) return this.dialog.fail(problem, this.file);
    const alt = this.decorative.checked ? "" : this.alt.value.trim().replace(/\s+/g, " ");
    if (!alt && !this.decorative.checked) return this.dialog.fail(words.imageAltEmpty, this.alt);
    const told = { alt, caption: this.caption.value.trim() };
    return this.attrs ? { ...this.attrs, ...told } : this.send(blob, told);
  }

  async send(blob, told) {
    this.progress.hidden = false;
    const fields = { file: blob, alt: told.alt, decorative: this.decorative.checked ? "1" : "" };
    const { server, aborter, progress } = this;
    try {
      const answer = await upload(server.url, fields, server, (part) => (progress.value = part), aborter.signal);
      const { url, width = null, height = null } = answer;
      return { src: url, width, height, ...told, upload: null };
    } catch (error) {
      return this.dialog.fail(this.reason(error));
    } finally {
      this.progress.hidden = true;
    }
  }

  reason(error) {
    if (!(error instanceof RefusedError)) return this.words.imageFailed;
    return error.message || fillIn(this.words.imageRefused, { status: error.status });
  }
}
