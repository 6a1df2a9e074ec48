/** Sends one picture or file to the site. */

/** The server's own words for why it refuses what was sent. */
export class RefusedError extends Error {}

/**
 * XMLHttpRequest, not fetch: only it reports how much has been sent, which on a slow line is all
 * an officer has to go by.
 * Refused without a word of the site's own, it asks once for a token that is good now and tries
 * again: the session may have ended and begun anew in another tab.
 * @param {string} url
 * @param {{file: Blob, [field: string]: *}} fields
 * @param {{csrf: string, renewUrl?: string}} server
 * @param {(fraction: number) => void} onProgress
 * @param {AbortSignal} signal
 * @returns {Promise<{url: string}>} the server's answer
 * @throws {RefusedError} with the server's message, or its status code alone in `status`
 */
export async function upload(url, fields, server, onProgress, signal) {
  try {
    return await send(url, fields, server, onProgress, signal);
  } catch (error) {
    const untold = error instanceof RefusedError && !error.message;
    if (!untold || !(await renew(server))) throw error;
    return send(url, fields, server, onProgress, signal);
  }
}

/** Puts a token of the officer's present session into `server`; false when there is none to have. */
async function renew(server) {
  if (!server.renewUrl) return false;
  try {
    const response = await fetch(server.renewUrl, { headers: { Accept: "application/json" } });
    if (response.redirected || !response.ok) return false;
    const { csrf, owner } = await response.json();
    if (!csrf || (server.owner && String(owner) !== server.owner)) return false;
    server.csrf = csrf;
    return true;
  } catch {
    return false;
  }
}

function send(url, { file, ...words }, server, onProgress, signal) {
  const body = new FormData();
  body.append("file", file, file.name || `picture.${file.type.split("/")[1]}`);
  for (const [name, value] of Object.entries(words)) body.append(name, value);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", server.csrf);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => settle(request, resolve, reject));
    request.addEventListener("error", () => reject(new Error("network")));
    request.addEventListener("abort", () => reject(new Error("aborted")));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

function settle(request, resolve, reject) {
  const answer = readJson(request.responseText);
  if (request.status >= 200 && request.status < 300 && answer && answer.url) {
    resolve(answer);
    return;
  }
  const refusal = new RefusedError((answer && answer.error) || "");
  refusal.status = request.status;
  reject(refusal);
}

function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A data: URL's bytes; fetch() of it would break connect-src. */
export function blobFromDataUrl(url) {
  const [, type, encoded] = /^data:([^;,]+);base64,([\s\S]*)$/.exec(url);
  const bytes = Uint8Array.from(atob(encoded.replace(/\s/g, "")), (c) => c.charCodeAt(0));
  return new Blob([bytes], { type });
}
