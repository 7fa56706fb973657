// Keys: j and k walk through rows, Enter opens, a letter presses the button that shows it, g and a
// letter go to a room, / asks, ? tells the keys, x chooses a row, Escape closes.
import { go } from "./swap.js";

const rooms = { o: "/overview", a: "/alerts", s: "/search", i: "/incidents", n: "/sources", r: "/rules" };
let leading = false;

/** The rows that are walked through. */
const rows = () => [...document.querySelectorAll("table[data-rows] tbody tr[data-row]")];

/** Goes to a row and shows it: in the drawer if there is one. */
function step(by) {
  const all = rows();
  if (all.length === 0) return;
  const at = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by))];
  choose(next, all);
}

function choose(row, all) {
  for (const other of all) other.setAttribute("aria-selected", String(other === row));
  row.scrollIntoView({ block: "nearest" });
  const link = row.querySelector("a[data-open]");
  link?.focus({ preventScroll: true });
  if (link?.dataset.swap) go(link.href, link.dataset.swap);
}

function typing(target) {
  return target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    document.querySelector("details.menu[open]")?.removeAttribute("open");
    if (typing(event.target)) event.target.blur();
    return;
  }
  if (typing(event.target)) return;
  const key = event.key;
  if (leading) {
    leading = false;
    if (rooms[key]) { event.preventDefault(); location.assign(rooms[key]) }
    return;
  }
  if (key === "g") { leading = true; setTimeout(() => { leading = false }, 1500); return }
  if (key === "j" || key === "k") { event.preventDefault(); step(key === "j" ? 1 : -1); return }
  if (key === "x") {
    const box = document.querySelector("tr[aria-selected=true] input[type=checkbox]");
    if (box) { event.preventDefault(); box.checked = !box.checked }
    return;
  }
  const selector = `[data-key="${CSS.escape(key)}"]`;
  const target = document.querySelector(`.drawer ${selector}`) ?? document.querySelector(selector);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input, textarea, select")) { target.focus(); target.select?.() }
  else if (target.matches("summary")) { target.parentElement.toggleAttribute("open"); target.parentElement.querySelector("input:not([type=hidden]), select, textarea, button")?.focus() }
  else if ("keys" in target.dataset) show(target);
  else target.click();
});

/** The keys, over the page; without script the link leads to the help. */
async function show(link) {
  let dialog = document.querySelector("dialog.keys-help");
  if (!dialog) {
    try {
      const answer = await fetch(link.href);
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("keys");
      dialog = document.createElement("dialog");
      dialog.className = "keys-help";
      dialog.append(document.adoptNode(found));
      document.body.append(dialog);
      dialog.addEventListener("click", () => dialog.close());
    } catch { location.assign(link.href); return }
  }
  dialog.showModal();
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-keys]");
  if (link && !event.ctrlKey && !event.metaKey) { event.preventDefault(); show(link) }
});

// A click anywhere in a row opens it, as the link in it does.
document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-row]");
  if (!row || event.target.closest("a, button, input, label, summary, details")) return;
  if (getSelection().toString()) return;
  choose(row, rows());
});
// Rows that came anew keep the one that is open.
document.addEventListener("swapped", () => {
  const id = document.querySelector(".drawer[data-of]")?.dataset.of;
  if (!id) return;
  for (const row of rows()) row.setAttribute("aria-selected", String(row.dataset.row === id));
});
