// Passkeys: the browser's authenticator is asked, the answer goes to the server as it is.

const fromText = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** Sends a form's fields and answers the JSON. */
async function send(address, fields) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "X-Form-Mark": document.body.dataset.mark },
    body: new URLSearchParams(fields),
  });
  return answer.json();
}

async function register(form) {
  const { ask, wrong } = await send("/account/passkey", {});
  if (wrong) return { wrong };
  const options = ask.publicKey;
  options.challenge = fromText(options.challenge);
  options.user.id = fromText(options.user.id);
  for (const known of options.excludeCredentials ?? []) known.id = fromText(known.id);
  const made = await navigator.credentials.create({ publicKey: options });
  const answer = {
    id: made.id, rawId: toText(made.rawId), type: made.type,
    extensions: made.getClientExtensionResults(),
    response: {
      attestationObject: toText(made.response.attestationObject),
      clientDataJSON: toText(made.response.clientDataJSON),
      transports: made.response.getTransports?.(),
    },
  };
  return send("/account/passkey/answer", { called: form.elements.called.value, answer: JSON.stringify(answer) });
}

async function signIn(form) {
  const name = form.elements.name.value.trim();
  if (!name) return { wrong: "no-name" };
  const { ask, ceremony, wrong } = await send("/sign-in/passkey", { name });
  if (wrong) return { wrong };
  const options = ask.publicKey;
  options.challenge = fromText(options.challenge);
  for (const known of options.allowCredentials ?? []) known.id = fromText(known.id);
  const found = await navigator.credentials.get({ publicKey: options });
  const answer = {
    id: found.id, rawId: toText(found.rawId), type: found.type,
    extensions: found.getClientExtensionResults(),
    response: {
      authenticatorData: toText(found.response.authenticatorData),
      clientDataJSON: toText(found.response.clientDataJSON),
      signature: toText(found.response.signature),
      userHandle: found.response.userHandle ? toText(found.response.userHandle) : null,
    },
  };
  return send("/sign-in/passkey/answer", { name, ceremony, next: form.elements.next.value, answer: JSON.stringify(answer) });
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  if (!globalThis.PublicKeyCredential) continue;
  button.hidden = false;
  const form = button.closest("form");
  const told = form.querySelector("[data-told]");
  button.addEventListener("click", async () => {
    told.hidden = true;
    button.disabled = true;
    let came;
    try {
      came = await (button.dataset.passkey === "register" ? register(form) : signIn(form));
    } catch {
      came = { wrong: "given-up" };
    }
    button.disabled = false;
    if (came.go) { location.assign(came.go); return }
    told.textContent = came.told ?? told.getAttribute(`data-${came.wrong}`) ?? told.dataset.wrong;
    told.hidden = false;
  });
}
