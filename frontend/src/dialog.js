/** A modal form over the page: title, fields with hints, one line for what is wrong. */
import { el, uniqueId } from "./dom.js";

export class FormDialog {
  constructor(words, title, submitLabel) {
    const titleId = uniqueId("title");
    this.errorId = uniqueId("error");
    this.fields = el("div", { class: "wse-fields" });
    this.error = el("p", { class: "wse-error", id: this.errorId, role: "alert" });
    this.submitButton = el("button", { type: "submit", class: "wse-primary" }, submitLabel);
    this.actions = el(
      "div",
      { class: "wse-actions" },
      this.submitButton,
      el("button", { type: "button", class: "wse-secondary", click: () => this.element.close() }, words.cancel),
    );
    const foot = el("div", { class: "wse-foot" }, this.error, this.actions);
    this.form = el("form", { class: "wse-form", novalidate: true }, this.fields, foot);
    const heading = el("h2", { class: "wse-title", id: titleId }, title);
    this.element = el("dialog", { class: "wse-dialog", "aria-labelledby": titleId }, heading, this.form);
  }

  /** Adds a labelled field and returns its control. */
  field(label, control, hint = "") {
    control.id = uniqueId("field");
    const parts = [el("label", { for: control.id }, label)];
    if (hint) {
      const hintId = uniqueId("hint");
      control.setAttribute("aria-describedby", hintId);
      parts.push(el("p", { class: "wse-hint", id: hintId }, hint));
    }
    this.fields.append(el("div", { class: "wse-field" }, ...parts, control));
    return control;
  }

  checkbox(label, checked) {
    const box = el("input", { type: "checkbox", id: uniqueId("field") });
    box.checked = checked;
    this.fields.append(el("div", { class: "wse-check" }, box, el("label", { for: box.id }, label)));
    return box;
  }

  /** Says what is wrong and takes the reader to the field. */
  fail(message, control = null) {
    this.clearError();
    this.error.textContent = message;
    if (!control) return;
    control.setAttribute("aria-invalid", "true");
    const described = [control.getAttribute("aria-describedby"), this.errorId];
    control.setAttribute("aria-describedby", described.filter(Boolean).join(" "));
    control.focus();
  }

  clearError() {
    this.error.textContent = "";
    for (const control of this.form.querySelectorAll("[aria-invalid]")) {
      control.removeAttribute("aria-invalid");
      const described = (control.getAttribute("aria-describedby") || "").split(" ");
      const rest = described.filter((id) => id !== this.errorId).join(" ");
      if (rest) control.setAttribute("aria-describedby", rest);
      else control.removeAttribute("aria-describedby");
    }
  }

  /**
   * Shows the dialog until it is closed.
   * @param {() => *} onSubmit  returns (or promises) the result, undefined to stay open
   * @returns {Promise<*>} the result, null when the officer closed it
   */
  ask(onSubmit) {
    let result = null;
    let busy = false;
    this.form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      this.clearError();
      this.submitButton.setAttribute("aria-disabled", "true");
      const answer = await onSubmit();
      this.submitButton.removeAttribute("aria-disabled");
      busy = false;
      if (answer === undefined || !this.element.open) return;
      result = answer;
      this.element.close();
    });
    document.body.append(this.element);
    this.element.showModal();
    return new Promise((resolve) => {
      this.element.addEventListener("close", () => {
        this.element.remove();
        resolve(result);
      });
    });
  }

  /** Closes with a result no submit gave (a second button). */
  extraButton(label, onClick) {
    this.actions.append(el("button", { type: "button", class: "wse-secondary", click: onClick }, label));
  }
}
