// News of the server: it names what changed, and the page asks again for the parts that show it.
import { page, replace } from "./swap.js";

const pulse = document.getElementById("pulse");
const number = new Intl.NumberFormat(document.documentElement.lang);
let pending = new Set();
let running = false;

/** Asks again for the parts of the page that show a topic; not while somebody types or reads a menu. */
async function refresh() {
  if (running || pending.size === 0 || document.hidden) return;
  const busy = document.activeElement?.matches("main input, main textarea, main select")
    || document.querySelector("main details.menu[open], dialog[open]");
  running = true;
  const topics = pending;
  pending = new Set();
  try {
    // A part may say where it is told; otherwise this page tells it.
    const asked = new Map();
    const tells = (address) => {
      if (!asked.has(address)) asked.set(address, page(address));
      return asked.get(address);
    };
    for (const part of document.querySelectorAll("[data-live]")) {
      const wanted = part.dataset.live.split(" ").some((topic) => topics.has(topic));
      const chosen = part.querySelector("input:checked");
      if (!wanted || ((busy || chosen) && part.closest("main"))) continue;
      const { page: found } = await tells(part.dataset.from ?? location.href);
      replace(found, part.id);
    }
  } catch { /* The next news tries again. */ }
  running = false;
}

if (document.body.dataset.mark && "EventSource" in globalThis) {
  const source = new EventSource("/live");
  for (const topic of ["alerts", "incidents", "sources"]) {
    source.addEventListener(topic, () => { pending.add(topic); refresh() });
  }
  source.addEventListener("pulse", (event) => {
    refresh();
    if (!pulse || event.data === "") return;
    pulse.hidden = false;
    pulse.querySelector("[data-pulse]").textContent = number.format(Number(event.data));
  });
  document.addEventListener("visibilitychange", refresh);
  addEventListener("pagehide", () => source.close());
}
