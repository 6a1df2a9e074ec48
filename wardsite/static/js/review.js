// Keys for the queue of headlines. Only while the focus is in the list, so that no key is taken from
// anything else (WCAG 2.1.4); without this script the buttons do the same.
const form = document.getElementById("review");
if (form) {
  const rows = [...form.querySelectorAll(".review > li")];
  const ticks = [...form.querySelectorAll("input[name=id]")];
  const hint = form.querySelector("[data-keys]");
  const all = form.querySelector("[data-tick-all]");
  if (hint) hint.hidden = false;
  if (all) {
    all.hidden = false;
    all.firstElementChild.addEventListener("change", (event) => {
      for (const tick of ticks) tick.checked = event.target.checked;
    });
  }
  form.querySelector(".review").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const row = event.target.closest(".review > li");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const next = rows[rows.indexOf(row) + step];
      next?.querySelector("input, a, button")?.focus();
      event.preventDefault();
      return;
    }
    const button = row.querySelector(`[data-key="${event.key.toLowerCase().replace(/[^a-z]/g, "")}"]`);
    if (button) {
      event.preventDefault();
      button.click();
    }
  });
}
