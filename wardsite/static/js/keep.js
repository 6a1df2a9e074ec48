/* A form without autosave: what is typed stays in this browser until it was sent and saved. */
"use strict";
(() => {
  const SENT = "wardsite:sent";
  try {
    const sent = sessionStorage.getItem(SENT);
    if (sent && document.querySelector(".flash.success")) localStorage.removeItem(sent);
    sessionStorage.removeItem(SENT);
    const form = document.querySelector("form[data-keep]");
    if (!form) return;
    const key = `wardsite:${form.dataset.keep}:${location.pathname}`;
    const fields = [...form.elements].filter((field) => field.name && field.type !== "hidden");
    const kept = JSON.parse(localStorage.getItem(key) || "{}");
    const note = form.querySelector("[data-kept]");
    for (const field of fields) {
      const before = kept[field.name];
      if (!before || before === field.value || field.value !== field.defaultValue) continue;
      field.value = before;
      note.hidden = false;
    }
    note.querySelector("button").addEventListener("click", () => {
      localStorage.removeItem(key);
      form.reset();
      note.hidden = true;
    });
    form.addEventListener("input", () => {
      const typed = Object.fromEntries(fields.map((field) => [field.name, field.value]));
      localStorage.setItem(key, JSON.stringify(typed));
    });
    form.addEventListener("submit", () => sessionStorage.setItem(SENT, key));
  } catch {
    // No storage (private mode): the form works as without this file.
  }
})();
