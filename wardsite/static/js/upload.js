/* A form with files: refuses before sending what is too large, and shows how far it got. */
"use strict";
for (const status of document.querySelectorAll("[data-upload]")) {
  const form = status.closest("form");
  const bar = form.querySelector("progress");
  const words = status.dataset;
  let sending = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (sending) return;
    const files = [...form.querySelectorAll("input[type=file]")].flatMap((field) => [...field.files]);
    const size = files.reduce((sum, file) => sum + file.size, 0);
    if (size > Number(words.limit)) {
      status.textContent = words.tooBig;
      return;
    }
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Sent-By", "script");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.hidden = false;
      bar.value = Math.floor((loaded / total) * 100);
      status.textContent = `${words.sent} ${bar.value} %`;
    });
    request.addEventListener("load", () => {
      const next = request.getResponseHeader("Location");
      if (next) return go(next);
      // A refusal is a page of its own: drawn as if the form had been sent without script.
      document.open();
      document.write(request.responseText);
      document.close();
    });
    request.addEventListener("error", () => {
      sending = false;
      bar.hidden = true;
      status.textContent = words.away;
    });
    sending = true;
    request.send(new FormData(form));
  });
}

function go(address) {
  const next = new URL(address, location.href);
  const here = next.href.split("#")[0] === location.href.split("#")[0];
  location.assign(next);
  if (here) location.reload();
}
