// Parts of a page without the whole page: a link or form marked data-swap="ID" asks for the page it
// names and takes its element ID in place of ours. What somebody may see is decided by that page.
// Anything unexpected becomes an ordinary navigation.

/** Asks for a page. */
export async function page(address, options = {}) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, ...options });
  if (!answer.ok || !(answer.headers.get("content-type") || "").startsWith("text/html")) {
    throw new Error(`${answer.status}`);
  }
  const text = await answer.text();
  return { answer, page: new DOMParser().parseFromString(text, "text/html") };
}

/** Puts the element of a page in the place of ours, and keeps the focus where it was. */
export function replace(from, id) {
  const [ours, theirs] = [document.getElementById(id), from.getElementById(id)];
  if (!ours || !theirs) return false;
  const focused = document.activeElement?.id;
  const fresh = document.adoptNode(theirs);
  ours.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("swapped", { detail: id }));
  return true;
}

/** Follows an address into some elements. */
export async function go(address, ids, push = true) {
  try {
    const { answer, page: found } = await page(address);
    if (!ids.split(" ").every((id) => replace(found, id))) throw new Error("no such part");
    document.title = found.title;
    if (push) history.pushState({ swap: ids }, "", answer.redirected ? answer.url : address);
  } catch {
    location.assign(address);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  go(link.href, link.dataset.swap);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "get" || !form.dataset.swap) return;
  event.preventDefault();
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form, event.submitter)) if (value !== "") fields.append(name, value);
  const query = fields.toString();
  const action = form.getAttribute("action");
  go(query ? `${action}?${query}` : action, form.dataset.swap);
});

addEventListener("popstate", (event) => {
  if (event.state?.swap) go(location.href, event.state.swap, false);
  else location.reload();
});
// The first page can be come back to as well.
const parts = document.querySelector("[data-parts]");
if (parts) history.replaceState({ swap: parts.dataset.parts }, "");
