// Pages already read, the hotlines and the contact, kept for reading without a network.
// The network always comes first. A kept page says that it is one, and from when: what the parent
// unit mandates must never look current when it may not be. /sw.js puts SHELL before this text.

const PAGES = "wardsite-pages";
const FILES = "wardsite-files";
const MOST_PAGES = 30;
const MOST_FILES = 60;
const PATIENCE = 8000; // ms for the network before a kept page stands in
const DAY = 24 * 3600 * 1000;
const NEVER = /^(\/en)?\/(quan-tri|dang-nhap|dang-xuat|tep|\.well-known)(\/|$)/;
const UNKEPT = /^(\/en)?\/(phan-anh|tim-kiem)(\/|$)/; // of one moment or one person
const STORED_AT = "x-stored-at";

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (NEVER.test(url.pathname)) return;
    const passing = UNKEPT.test(url.pathname) || url.search;
    event.respondWith(passing ? fetch(request).catch(() => offlinePage(url)) : page(event, url));
  } else if (/^\/(static|media)\//.test(url.pathname)) {
    event.respondWith(file(request));
  }
});

async function keepShell() {
  await Promise.all(SHELL.map(async (path) => {
    const response = await fetch(path, { credentials: "omit" });
    if (path.startsWith("/static/")) await put(FILES, path, response);
    else await keep(path, response);
  }));
}

async function page(event, url) {
  // no-cache: the browser's own store may hold a page of a second ago, which says no time.
  const fromNetwork = fetch(event.request, { cache: "no-cache" }).then((response) => {
    event.waitUntil(keep(url.pathname, response.clone()).then(renew).catch(() => {}));
    return response;
  });
  const kept = await (await caches.open(PAGES)).match(url.pathname);
  if (!kept) return fromNetwork.catch(() => offlinePage(url));
  const tooLate = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  event.waitUntil(fromNetwork.catch(() => {}));
  const answer = await Promise.race([fromNetwork.catch(() => null), tooLate]);
  return answer ?? asKept(kept, url);
}

async function file(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  await put(FILES, request.url, response.clone()).catch(() => {});
  return response;
}

async function put(name, key, response) {
  if (response.status !== 200) return;
  const cache = await caches.open(name);
  await cache.put(key, response);
  await trim(cache, MOST_FILES);
}

async function keep(path, response) {
  const isPage = response.headers.get("content-type")?.startsWith("text/html");
  const secret = /no-store|private/.test(response.headers.get("cache-control") ?? "");
  if (response.status !== 200 || !isPage || secret) return;
  const headers = new Headers(response.headers);
  for (const name of ["content-encoding", "content-length", "set-cookie"]) headers.delete(name);
  headers.set(STORED_AT, String(Date.now()));
  const cache = await caches.open(PAGES);
  const body = await response.text();
  await cache.delete(path); // so that the pages read last are the last in the list
  await cache.put(path, new Response(body, { headers }));
  await trim(cache, MOST_PAGES);
}

async function trim(cache, most) {
  const spare = (await cache.keys()).filter((request) => !SHELL.includes(new URL(request.url).pathname));
  for (const request of spare.slice(0, Math.max(0, spare.length - most))) await cache.delete(request);
}

// The hotlines and the contact are fetched again when the kept ones are a day old.
async function renew() {
  const cache = await caches.open(PAGES);
  const oldest = await cache.match(SHELL[0]);
  if (!oldest || Date.now() - storedAt(oldest) > DAY) await keepShell();
}

const storedAt = (response) => Number(response.headers.get(STORED_AT));

function stamp(ms, english) {
  const local = new Date(ms + 7 * 3600 * 1000).toISOString(); // Vietnam keeps UTC+7 all year
  const [, year, month, day, time] = local.match(/^(\d+)-(\d+)-(\d+)T(\d+:\d+)/);
  const months = "January February March April May June July August September October November December";
  return english ? `${time}, ${Number(day)} ${months.split(" ")[month - 1]} ${year}` : `${time} ngày ${day}/${month}/${year}`;
}

const isEnglish = (url) => /^\/en(\/|$)/.test(url.pathname);

function timeTag(ms, english) {
  return `<time datetime="${new Date(ms).toISOString()}">${stamp(ms, english)}</time>`;
}

async function asKept(kept, url, list = "") {
  const at = storedAt(kept);
  const html = (await kept.text())
    .replace("<html ", "<html data-stored ")
    .replace(/<!-- stored\n([^]*?)\nstored -->/, "$1")
    .replace("<span data-stored-at></span>", timeTag(at, isEnglish(url)))
    .replace("<!-- kept pages -->", list);
  return new Response(html, { headers: kept.headers });
}

async function offlinePage(url) {
  const cache = await caches.open(PAGES);
  const kept = await cache.match((isEnglish(url) ? "/en" : "") + SHELL[0]);
  if (!kept) return Response.error();
  return asKept(kept, url, await keptPages(cache, url));
}

// The titles come out of pages of this site and are already escaped there.
async function keptPages(cache, url) {
  const lines = [];
  for (const request of (await cache.keys()).reverse()) {
    const response = await cache.match(request);
    const { pathname } = new URL(request.url);
    const title = (await response.text()).match(/<title>([^<]*)<\/title>/)?.[1];
    if (!title || pathname.endsWith(SHELL[0])) continue;
    lines.push(`<li><a href="${pathname}"><span>${title}<small>${timeTag(storedAt(response), isEnglish(url))}</small></span></a></li>`);
  }
  return lines.join("");
}
