/* The form of a post: nothing typed is lost, pictures come from the library, old fonts are offered
   for conversion. The page works without this file; its words are in the page. */
"use strict";
(() => {
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const text = form.querySelector("textarea[data-editor]");
  const words = form.querySelector("[data-words]").dataset;
  const status = document.createElement("span");
  form.querySelector("[data-autosave-status]").append(status);
  const key = form.elements.copy_key.value;
  const LOCAL = `wardsite:${form.dataset.owner}:${key}`;
  const PAUSE = 1500; // ms after the last key before the server is told
  const RETRY = 15000; // ms between tries while the server is out of reach
  const FIELDS = ["title", "summary", "body_html", "category_id", "topic", "author_line", "cover_alt",
    "cover_pick", "source_name", "source_url", "publish_at", "withdraw_at", "change_note", "version"];
  const BOXES = ["repost", "pinned", "featured", "remove_cover", "new_address"];
  document.documentElement.classList.add("scripted");

  /* ------------------------------------------------------------------ keeping */
  let timer = 0;
  let changed = false;
  let sending = false;
  let leaving = false;

  const typed = () => {
    const data = {};
    for (const name of FIELDS) if (form.elements[name]) data[name] = form.elements[name].value;
    for (const name of BOXES) if (form.elements[name]?.checked) data[name] = "y";
    return data;
  };
  const say = (sentence) => {
    if (status.textContent !== sentence) status.textContent = sentence;
  };
  const keepHere = () => {
    try {
      localStorage.setItem(LOCAL, JSON.stringify({ at: new Date().toISOString(), data: typed() }));
    } catch {
      say(words.full);
    }
  };
  const forgetHere = () => localStorage.removeItem(LOCAL);

  function later(delay) {
    clearTimeout(timer);
    timer = setTimeout(send, delay);
  }

  async function send() {
    if (sending || leaving || !changed) return;
    sending = true;
    changed = false;
    let pause = PAUSE;
    try {
      const answer = await post(form.dataset.autosave, { ...typed(), copy_key: key });
      if (!answer.json) throw new Error([200, 400, 401].includes(answer.status) ? "ended" : "away");
      if (answer.ok) {
        if (!changed) forgetHere();
        say(words.saved.replace("{time}", answer.json.time));
      } else say(answer.json.error);
      if (answer.status === 507) throw new Error("full");
    } catch (error) {
      changed = true;
      if (error.message === "ended") say(await whyEnded());
      else if (error.message !== "full") say(words.local);
      if (status.textContent !== words.ended) pause = RETRY;
    }
    sending = false;
    if (changed) later(pause);
  }

  /** After signing in again in another tab this page's token is of the old session. */
  async function whyEnded() {
    const session = await fetch(form.dataset.pulse, { headers: { Accept: "application/json" } })
      .then((response) => (response.ok && !response.redirected ? response.json() : null))
      .catch(() => null);
    if (!session) return words.ended;
    // What one officer writes is not kept among another's drafts.
    if (String(session.owner) !== form.dataset.owner) return words.other;
    for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = session.csrf;
    text.dataset.csrf = session.csrf;
    return words.ended;
  }

  /** Posts fields; `json` is null when something else than the site's own answer came back. */
  async function post(url, fields) {
    const body = new URLSearchParams(fields);
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": form.elements.csrf_token.value, Accept: "application/json" },
      keepalive: body.toString().length < 60000,
    });
    const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
    return { ok: response.ok, status: response.status, json: isJson ? await response.json() : null };
  }

  form.addEventListener("input", () => {
    changed = true;
    keepHere();
    later(PAUSE);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && changed) send();
  });
  window.addEventListener("online", () => changed && later(0));
  form.addEventListener("submit", () => {
    leaving = true;
    keepHere();
  });
  window.addEventListener("pageshow", () => (leaving = false));

  /* A text that never reached the server, from before this page was opened. */
  function offerLocal() {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(LOCAL));
    } catch {
      forgetHere();
    }
    if (!kept) return;
    // Saved since then, text and title tell whether it was this: a note on the change is used up by
    // the saving, a summary left empty is filled.
    const saved = Number(kept.data.version) < Number(form.elements.version.value);
    const compared = saved ? ["title", "body_html"] : FIELDS.filter((name) => form.elements[name] && name !== "version");
    const plain = (value) => (value ?? "").normalize("NFC").replace(/\s+/g, " ").trim();
    const same = compared.every((name) => plain(kept.data[name]) === plain(form.elements[name].value));
    if (same) return forgetHere();
    const time = new Date(kept.at).toLocaleString(document.documentElement.lang);
    const bringBack = button(words.bringBack, () => {
      fillIn(kept.data);
      box.remove();
    });
    const leave = button(words.leave, () => {
      forgetHere();
      box.remove();
    });
    const box = document.createElement("div");
    box.className = "flash warning";
    box.setAttribute("role", "status");
    const line = document.createElement("p");
    line.textContent = words.found.replace("{time}", time);
    box.append(line, bringBack, leave);
    form.before(box);
  }

  function fillIn(data) {
    for (const [name, value] of Object.entries(data)) {
      const field = form.elements[name];
      if (!field || name === "version") continue;
      if (field.type === "checkbox") field.checked = value === "y";
      else field.value = value;
    }
    setText(data.body_html || "");
    form.dispatchEvent(new Event("input"));
  }

  const setText = (html) => {
    text.value = html;
    text.dispatchEvent(new CustomEvent("editor-set", { detail: { html } }));
  };

  function button(label, action, className = "btn quiet slim") {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    made.textContent = label;
    made.addEventListener("click", action);
    return made;
  }

  /* ------------------------------------------------------------------ library */
  const library = document.getElementById("library");
  const found = library.querySelector("[data-found]");
  let target = "body";
  let asking;

  for (const opener of form.querySelectorAll("[data-open-library]")) {
    opener.addEventListener("click", () => {
      target = opener.dataset.openLibrary;
      library.showModal();
      look(1);
    });
  }
  library.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    look(1);
  });
  for (const dialog of document.querySelectorAll("dialog")) {
    for (const closer of dialog.querySelectorAll("[data-close]")) {
      closer.addEventListener("click", () => dialog.close());
    }
  }

  async function look(page) {
    asking?.abort(); // only what was asked last is shown
    asking = new AbortController();
    const { signal } = asking;
    const query = new URLSearchParams({ q: library.querySelector("input").value, trang: page });
    const answer = await fetch(`${library.dataset.library}?${query}`, { signal })
      .then((response) => (response.ok && !response.redirected ? response.json() : null))
      .catch(() => null);
    if (!signal.aborted) show(answer, page);
  }

  function show(answer, page) {
    const tell = (words) => found.append(Object.assign(document.createElement("p"), { textContent: words }));
    if (page === 1) found.replaceChildren();
    found.querySelector(":scope > p")?.remove();
    if (!answer) return tell(library.dataset.away);
    let list = found.querySelector("ul");
    if (!list) {
      list = document.createElement("ul");
      list.className = "gallery";
      found.append(list);
    }
    found.querySelector("[data-more]")?.remove();
    for (const image of answer.images) list.append(choice(image, answer.words));
    if (!answer.images.length) tell(answer.words.none);
    if (answer.page < answer.last) {
      const more = button(answer.words.more, () => look(page + 1));
      more.dataset.more = "";
      found.append(more);
    }
  }

  function choice(image, labels) {
    const item = document.createElement("li");
    const pick = button("", () => choose(image), "pick");
    const picture = document.createElement("img");
    Object.assign(picture, { src: image.small, alt: "", width: image.width, height: image.height, loading: "lazy" });
    const label = document.createElement("span");
    label.textContent = image.alt || labels.blank;
    pick.append(picture, label);
    item.append(pick);
    return item;
  }

  function choose(image) {
    library.close();
    if (target === "cover") {
      form.elements.cover_pick.value = image.id;
      form.elements.cover_alt.value = image.alt;
      const picture = document.createElement("img");
      Object.assign(picture, { src: image.small, alt: image.alt, width: image.width, height: image.height });
      form.querySelector("[data-cover-shown]").replaceChildren(picture);
    } else {
      const picture = document.createElement("img");
      for (const name of ["width", "height", "alt"]) picture.setAttribute(name, image[name]);
      picture.setAttribute("src", image.url);
      text.dispatchEvent(new CustomEvent("editor-insert", { detail: { html: `<figure>${picture.outerHTML}</figure>` } }));
    }
    form.dispatchEvent(new Event("input"));
  }

  /* ------------------------------------------------------------------ old fonts */
  const legacy = document.getElementById("legacy");
  text.addEventListener("legacy-text", ({ detail }) => {
    const sample = { encoding: detail.encoding, text: detail.text || "", html: detail.html || "" };
    offerUnicode(sample, (turned) => detail.replace(turned.html || paragraphs(turned.text)));
  });
  for (const field of [form.elements.title, form.elements.summary]) {
    field.addEventListener("change", () => {
      if (!/[^\0-\x7f]/.test(field.value)) return;
      offerUnicode({ text: field.value }, (turned) => {
        field.value = turned.text;
        form.dispatchEvent(new Event("input"));
      });
    });
  }

  /** Shows a text and what becomes of it; `accept` takes what became. No `encoding`: the server looks. */
  async function offerUnicode(sample, accept) {
    const answer = await post(legacy.dataset.convert, sample).catch(() => null);
    if (!answer?.json || !answer.ok || answer.json.text === sample.text || legacy.open) return;
    legacy.querySelector("[data-before]").textContent = sample.text.slice(0, 300);
    legacy.querySelector("[data-after]").textContent = answer.json.text.slice(0, 300);
    legacy.querySelector("[data-accept]").onclick = () => {
      legacy.close();
      accept(answer.json);
    };
    legacy.showModal();
  }

  function paragraphs(plain) {
    return plain.split(/\n+/).map((line) => Object.assign(document.createElement("p"), { textContent: line }).outerHTML).join("");
  }

  offerLocal();
})();
