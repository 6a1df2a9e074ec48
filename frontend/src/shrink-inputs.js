/* Pictures chosen in a plain form are made smaller in their field; sending waits for it. */
import { shrunk } from "./shrink.js";

const pending = new WeakMap();

document.addEventListener("change", ({ target }) => {
  if (!target.matches('form[method="post"] input[type="file"][accept^="image/"]')) return;
  const work = settle(target).finally(() => {
    if (pending.get(target.form) === work) pending.delete(target.form);
  });
  pending.set(target.form, work);
});

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const work = pending.get(form);
  if (!work) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  await work;
  form.requestSubmit(submitter);
}, { capture: true });

async function settle(input) {
  const files = [...input.files];
  const smaller = await Promise.all(files.map(shrunk));
  const unchanged = [...input.files].every((file, place) => file === files[place]);
  if (!unchanged || smaller.every((file, place) => file === files[place])) return;
  const kept = new DataTransfer();
  for (const file of smaller) kept.items.add(file);
  input.files = kept.files;
}
