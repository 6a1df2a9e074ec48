// What a script can add to every page: text size, the age of health advice, reading without a
// network. Every page works whole without it; controls that need it stay hidden until it runs.

const page = document.documentElement;

function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is switched off: the choice lasts for this page
  }
}

function remember(key, value) {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch { /* as above */ }
}

// Text size: normal, large, largest, and round again.
const SIZES = ["", "large", "largest"];

function setSize(size) {
  if (size) page.dataset.text = size;
  else delete page.dataset.text;
}

function textSize(button) {
  const names = { "": button.dataset.normal, large: button.dataset.large, largest: button.dataset.largest };
  const say = () => button.setAttribute("aria-label", `${button.dataset.label}: ${names[page.dataset.text ?? ""]}`);
  say();
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = SIZES[(SIZES.indexOf(page.dataset.text ?? "") + 1) % SIZES.length];
    setSize(next);
    remember("text-size", next);
    say();
  });
}

// Health advice greys by itself once it is past its time, on a page left open too.
function watchAge(strip) {
  const overdueAt = Date.parse(strip.dataset.overdueAt);
  const check = () => {
    if (Date.now() >= overdueAt) strip.dataset.state = "overdue";
  };
  check();
  setInterval(check, 30_000);
  document.addEventListener("visibilitychange", check);
}

async function readOffline() {
  if (!("serviceWorker" in navigator)) return;
  if (page.dataset.offline === "on") {
    await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
    return;
  }
  // Switched off by the unit. The worker that now lies at /sw.js leaves by itself; this is quicker.
  const registration = await navigator.serviceWorker.getRegistration("/");
  await registration?.unregister();
  for (const name of await caches.keys()) {
    if (name.startsWith("wardsite-")) await caches.delete(name);
  }
}

const kept = recall("text-size");
if (SIZES.includes(kept)) setSize(kept);
for (const button of document.querySelectorAll("[data-text-size]")) textSize(button);
for (const strip of document.querySelectorAll("[data-overdue-at]")) watchAge(strip);
addEventListener("load", () => readOffline().catch(() => {})); // not allowed here: pages still load
