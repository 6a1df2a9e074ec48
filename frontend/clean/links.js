/** Which addresses a link may have, and how what people type or paste becomes one. */

const EMAIL = /^[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+$/;
const PHONE = /^\+?[\d\s.()-]{3,}$/;
const BARE_HOST = /^[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+(:\d+)?([/?#]|$)/u;

/**
 * @param {string} input   as typed or pasted
 * @returns {{href: string, upgraded: boolean}|null} null: not an address a resident may be sent to.
 *   https, mailto, tel and paths on this site; http is rewritten to https and said so.
 */
export function safeHref(input) {
  const text = input.trim();
  if (/^https?:\/\//i.test(text)) return webAddress(text);
  if (/^mailto:/i.test(text)) return plain(EMAIL.test(text.slice(7).split("?")[0]), text);
  if (/^tel:/i.test(text)) return plain(PHONE.test(text.slice(4)), `tel:${digits(text.slice(4))}`);
  if (/^\/(?![/\\])/.test(text)) return plain(!/\s/.test(text), text);
  if (EMAIL.test(text)) return plain(true, `mailto:${text}`);
  if (PHONE.test(text)) return plain(/\d{3}/.test(digits(text)), `tel:${digits(text)}`);
  if (BARE_HOST.test(text)) return webAddress(`https://${text}`);
  return null;
}

/** @returns {string|null} the path of an address on this site; null: it leads elsewhere */
export function ownPath(address, origin) {
  // A relative address belongs to the page it was copied from, not to this site.
  if (!origin || !/^(https?:)?\//i.test(address)) return null;
  try {
    const url = new URL(address, origin);
    return url.origin === origin ? url.pathname + url.search + url.hash : null;
  } catch {
    return null;
  }
}

function plain(allowed, href) {
  return allowed ? { href, upgraded: false } : null;
}

function digits(text) {
  return text.replace(/[^\d+]/g, "");
}

function webAddress(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  const target = redirectTarget(url);
  if (target) return webAddress(target);
  if (!url.hostname || url.username) return null;
  const upgraded = url.protocol === "http:";
  if (upgraded) url.protocol = "https:";
  return { href: url.href, upgraded };
}

/** Google Docs wraps links as google.com/url?q=…; residents should go where the text says. */
function redirectTarget(url) {
  if (!/^(www\.)?google\.com$/.test(url.hostname) || url.pathname !== "/url") return null;
  const target = url.searchParams.get("q") || "";
  return /^https?:\/\//i.test(target) ? target : null;
}
