/** Toolbars: one tab stop each, arrow keys within, pressed and disabled states that follow the text. */
import { el, icon } from "./dom.js";
import { ICONS } from "./icons.js";
import { SHORTCUTS } from "./keys.js";

export class Toolbar {
  /**
   * @param {object} editor  offers words, view, tooltip
   * @param {string} label
   * @param {object[][]} groups  of items: {name, run(editor), active?(state), enabled?(state)} for a
   *   button, {name, options, value(state), choose(editor, value)} for a choice; where
   *   `offered(editor)` is false the item is left out
   */
  constructor(editor, label, groups) {
    this.editor = editor;
    this.items = [];
    this.element = el("div", { class: "wse-toolbar", role: "toolbar", "aria-label": label });
    for (const group of groups) {
      this.element.append(el("div", { class: "wse-group" }, ...this.offered(group).map((item) => this.make(item))));
    }
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.element.addEventListener("focusin", (event) => this.makeStop(event.target));
    this.makeStop(this.items[0].control);
  }

  offered(group) {
    return group.filter(({ offered }) => !offered || offered(this.editor));
  }

  make(item) {
    const control = item.options ? this.makeChoice(item) : this.makeButton(item);
    this.items.push({ ...item, control });
    return control;
  }

  makeButton(item) {
    const label = this.editor.words[item.name];
    const button = el(
      "button",
      { type: "button", class: "wse-button", tabindex: "-1", "aria-label": label, "data-tool": item.name },
      icon(ICONS[item.name]),
    );
    const keys = SHORTCUTS[item.name];
    if (keys) button.setAttribute("aria-keyshortcuts", keys.replace("Ctrl", "Control"));
    this.editor.tooltip.watch(button, keys ? `${label} (${keys})` : label);
    // The text keeps its selection and, on a phone, its keyboard.
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", (event) => {
      if (button.getAttribute("aria-disabled") === "true") return;
      this.editor.readSelection();
      item.run(this.editor);
      if (event.detail > 0) this.editor.focus();
    });
    return button;
  }

  makeChoice(item) {
    const { words } = this.editor;
    const options = item.options.map((option) => el("option", { value: option.value }, words[option.name]));
    const select = el(
      "select",
      { class: "wse-select", tabindex: "-1", "aria-label": words[item.name], "data-tool": item.name },
      ...options,
    );
    let byPointer = false;
    select.addEventListener("pointerdown", () => (byPointer = true));
    select.addEventListener("keydown", () => (byPointer = false));
    select.addEventListener("change", () => {
      item.choose(this.editor, select.value);
      if (byPointer) this.editor.focus();
    });
    return select;
  }

  get stop() {
    return this.element.querySelector("[tabindex='0']");
  }

  makeStop(control) {
    for (const item of this.items) item.control.tabIndex = item.control === control ? 0 : -1;
  }

  onKey(event) {
    if (event.key === "Escape" && !event.defaultPrevented) {
      event.preventDefault();
      this.editor.focus();
      return;
    }
    const controls = this.items.map((item) => item.control);
    const at = controls.indexOf(event.target);
    const next = {
      ArrowRight: (at + 1) % controls.length,
      ArrowLeft: (at + controls.length - 1) % controls.length,
      Home: 0,
      End: controls.length - 1,
    }[event.key];
    if (at === -1 || next === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    controls[next].focus();
    controls[next].scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Brings every control in line with the document. */
  update(state) {
    for (const item of this.items) {
      if (item.value) item.control.value = item.value(state);
      if (item.active) item.control.setAttribute("aria-pressed", String(item.active(state)));
      if (item.enabled) item.control.setAttribute("aria-disabled", String(!item.enabled(state)));
    }
  }
}

/** Names the button under the pointer or in focus; Esc hides it. */
export class Tooltip {
  constructor() {
    this.element = el("div", { class: "wse-tooltip", "aria-hidden": "true", hidden: true });
    this.element.addEventListener("pointerleave", () => this.hide());
    this.owner = null;
  }

  watch(button, text) {
    button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && this.show(button, text));
    button.addEventListener("pointerleave", (event) => event.relatedTarget !== this.element && this.hide());
    button.addEventListener("focus", () => button.matches(":focus-visible") && this.show(button, text));
    button.addEventListener("blur", () => this.hide());
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.owner !== button) return;
      event.preventDefault();
      this.hide();
    });
  }

  show(button, text) {
    this.hide();
    this.owner = button;
    button.classList.add("wse-tipped");
    this.element.textContent = text;
    this.element.hidden = false;
  }

  hide() {
    if (this.owner) this.owner.classList.remove("wse-tipped");
    this.owner = null;
    this.element.hidden = true;
  }
}
