// The search of an exported site: every word, with or without marks, somewhere in a page's words.
const MOST = 50;
const list = document.querySelector("[data-found]");
const status = document.querySelector("[data-count]");
const asked = new URLSearchParams(location.search).get("q")?.trim() ?? "";

// As wardsite/core/text.py folds: marks off, đ to d.
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

function line(entry) {
  const item = document.createElement("li");
  const heading = document.createElement("h2");
  heading.className = "hit";
  const link = document.createElement("a");
  link.href = list.dataset.root + entry.url;
  link.textContent = entry.title;
  heading.append(link);
  item.append(heading);
  const about = [entry.label, entry.day.split("-").reverse().join("/")].filter(Boolean).join(" · ");
  if (about) {
    const meta = document.createElement("p");
    meta.className = "meta";
    meta.textContent = about;
    item.append(meta);
  }
  return item;
}

async function find() {
  const words = fold(asked).split(/\s+/).filter(Boolean);
  let entries;
  try {
    const answer = await fetch(list.dataset.found);
    if (!answer.ok) throw new Error(answer.status);
    entries = await answer.json();
  } catch {
    status.textContent = status.dataset.away;
    return;
  }
  const found = entries.filter((entry) => words.every((word) => entry.words.includes(word)));
  // Titles first; both halves stay newest first.
  const title = (entry) => words.every((word) => fold(entry.title).includes(word));
  const ordered = [...found.filter(title), ...found.filter((entry) => !title(entry))];
  list.replaceChildren(...ordered.slice(0, MOST).map(line));
  status.textContent = found.length ? status.dataset.count.replace("#", found.length) : status.dataset.none;
}

document.querySelectorAll("input[name=q]").forEach((input) => { input.value = asked; });
if (asked) find();
