// On pages to read: read aloud, copy the address, hand it to another app, print. The buttons are in
// the page, hidden; each appears only where the device can do what it says.

const find = (name) => document.querySelector(`[data-act="${name}"]`);
const say = (text) => {
  const status = document.querySelector("[data-act-status]");
  if (status) status.textContent = text;
};

function offer(name, possible, act) {
  const button = find(name);
  if (!button || !possible) return;
  button.hidden = false;
  button.addEventListener("click", () => act(button));
}

offer("share", "share" in navigator, () => {
  navigator.share({ title: document.querySelector("h1").textContent.trim(), url: address() }).catch(() => {});
});

offer("copy", Boolean(navigator.clipboard), async (button) => {
  try {
    await navigator.clipboard.writeText(address());
    say(button.dataset.done);
  } catch {
    say(button.dataset.failed);
  }
});

offer("print", "print" in window, () => window.print());

function address() {
  return document.querySelector("link[rel=canonical]")?.href ?? location.href.split(/[?#]/)[0];
}

// Reading aloud: block by block, since browsers fall silent in the middle of long utterances.
const speech = window.speechSynthesis;
const text = document.querySelector("[data-read]");
const BLOCKS = "h1, h2, h3, h4, p, li, th, td, caption, figcaption, .lead";
const SILENT = "[hidden], .no-read";

/** What a block says by itself: the blocks within it are read after it. */
function wordsOf(block) {
  const copy = block.cloneNode(true);
  copy.querySelectorAll(`${BLOCKS}, ${SILENT}`).forEach((inner) => inner.remove());
  return copy.textContent.trim();
}

function voiceFor(language) {
  return speech.getVoices().find((voice) => voice.lang.toLowerCase().replace("_", "-").startsWith(language));
}

function reader(button) {
  const language = (text.closest("[lang]")?.lang ?? "vi").slice(0, 2);
  const stop = find("read-stop");
  let blocks = [];
  let place = -1; // -1: silent

  const mark = (on) => blocks[place]?.classList.toggle("is-read", on);
  const label = (name) => {
    button.querySelector("span").textContent = button.dataset[name];
    stop.hidden = name === "start";
  };
  const end = () => {
    mark(false);
    place = -1;
    speech.cancel();
    label("start");
  };
  const next = () => {
    mark(false);
    place += 1;
    if (place >= blocks.length) return end();
    mark(true);
    const words = new SpeechSynthesisUtterance(wordsOf(blocks[place]));
    words.voice = voiceFor(language);
    words.lang = words.voice?.lang ?? language;
    const mine = place;
    words.onend = () => { if (place === mine) next(); };
    words.onerror = () => { if (place === mine) end(); };
    speech.speak(words);
  };
  const toggle = () => {
    if (place < 0) {
      blocks = [...text.querySelectorAll(BLOCKS)].filter((block) => !block.closest(SILENT) && wordsOf(block));
      speech.cancel();
      label("pause");
      next();
    } else if (speech.paused) {
      speech.resume();
      label("pause");
    } else {
      speech.pause();
      label("resume");
    }
  };

  // Voices arrive late in some browsers; without one of the text's language nothing is offered.
  const appear = () => {
    if (!voiceFor(language) || !button.hidden) return;
    button.hidden = false;
    button.addEventListener("click", toggle);
    stop.addEventListener("click", () => { end(); button.focus(); });
    addEventListener("pagehide", end);
  };
  appear();
  speech.addEventListener?.("voiceschanged", appear);
}

if (speech && text && find("read")) reader(find("read"));
