// Passkeys: the browser asks the device, and what the device answers is sent with the form.
// Without this script, or in a browser without passkeys, the password is asked for as ever.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const withBytes = (list) => list?.map((item) => ({ ...item, id: bytes(item.id) }));

async function ask(kind, options) {
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  if (kind === "get") {
    publicKey.allowCredentials = withBytes(options.allowCredentials ?? []);
    return navigator.credentials.get({ publicKey });
  }
  publicKey.user = { ...options.user, id: bytes(options.user.id) };
  publicKey.excludeCredentials = withBytes(options.excludeCredentials ?? []);
  return navigator.credentials.create({ publicKey });
}

function written(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  const id = text(credential.rawId);
  return JSON.stringify({ id, rawId: id, type: credential.type, response });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  for (const note of document.querySelectorAll("[data-passkey-missing]")) note.hidden = true;
  form.addEventListener("submit", async (event) => {
    // Sent already answered; or without the name, which the server asks for before the device does.
    if (form.elements.credential.value || form.elements.name?.value.trim() === "") return;
    event.preventDefault();
    const said = form.querySelector("[role=alert]");
    const button = form.querySelector("button");
    button.disabled = true;
    said.textContent = "";
    try {
      form.elements.credential.value = written(await ask(form.dataset.passkey, JSON.parse(form.dataset.options)));
      form.requestSubmit();
    } catch (error) {
      // Cancelled, timed out, or the device holds this account's passkey already.
      said.textContent = error.name === "InvalidStateError" ? form.dataset.known : form.dataset.failed;
    } finally {
      button.disabled = false;
    }
  });
}
