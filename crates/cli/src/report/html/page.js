// Search, filters and sorting of the table of detections; the state stands in the address
// after #, so that a view can be linked to.
const LEVELS = ["informational", "low", "medium", "high", "critical"];
const KEYS = ["q", "level", "host", "user", "addr", "tactic", "tech", "rule", "from", "to", "sort", "open"];
const PAGE = 200;
const form = document.getElementById("filters");
const table = document.getElementById("table");
const body = table?.tBodies[0];
const more = document.getElementById("more");
let view = [];
let shown = 0;

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

function severity(level) {
  return make("span", { class: `sev ${LEVELS[level]}` }, make("i"), words.levels[level]);
}

function state() {
  const given = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(KEYS.map((key) => [key, given.get(key) ?? ""]));
}

// Keeps the state in the address.
function remember(changes) {
  const next = { ...state(), ...changes };
  const text = new URLSearchParams(Object.entries(next).filter(([, value]) => value !== "")).toString();
  history.replaceState(null, "", text === "" ? location.pathname + location.search : `#${text}`);
}

function go(changes) {
  remember(changes);
  update();
}

// What the search looks through, made when it is first needed.
function haystack(row) {
  const rule = rules[row.r];
  row.text ??= fold([rule.title, rule.other, rule.id, ...rule.techniques, row.h, row.u, ...row.a, row.f,
    ...row.m.flat(), ...row.e.flat()].join("\n"));
  return row.text;
}

function matches(row, s, needles) {
  const rule = rules[row.r];
  return (s.level === "" || LEVELS[rule.level] === s.level)
    && (s.host === "" || (row.h || "–") === s.host)
    && (s.user === "" || row.u === s.user)
    && (s.addr === "" || row.a.includes(s.addr))
    && (s.tactic === "" || rule.tactics.includes(s.tactic))
    && (s.tech === "" || rule.techniques.includes(s.tech))
    && (s.rule === "" || rule.id === s.rule)
    && (s.from === "" || (row.s !== null && row.s >= Number(s.from)))
    && (s.to === "" || (row.s !== null && row.s < Number(s.to)))
    && needles.every((needle) => haystack(row).includes(needle));
}

const ORDERS = {
  time: (a, b) => (a.s ?? -Infinity) - (b.s ?? -Infinity) || a.at - b.at,
  level: (a, b) => rules[a.r].level - rules[b.r].level,
  title: (a, b) => rules[a.r].title.localeCompare(rules[b.r].title),
  host: (a, b) => a.h.localeCompare(b.h),
  user: (a, b) => a.u.localeCompare(b.u),
};

function update() {
  const s = state();
  for (const field of form.querySelectorAll("[name]")) {
    const value = s[field.name];
    if (field.value === value) continue;
    // A ranking may name what the list does not hold.
    if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === value)) {
      field.append(make("option", { value }, value === "–" ? words.none : value));
    }
    field.value = value;
  }
  chips(s);
  const needles = fold(s.q).split(/\s+/).filter(Boolean);
  const down = s.sort.startsWith("-");
  const by = s.sort === "" ? "level" : s.sort.replace("-", "");
  const order = ORDERS[by] ?? ORDERS.time;
  const sign = s.sort === "" || down ? -1 : 1;
  view = rows.filter((row) => matches(row, s, needles));
  view.sort((a, b) => sign * order(a, b) || a.at - b.at);
  for (const head of table.tHead.querySelectorAll("[data-sort]")) {
    const on = head.dataset.sort === by;
    head.setAttribute("aria-sort", on ? (sign < 0 ? "descending" : "ascending") : "none");
  }
  document.getElementById("count").textContent =
    `${number(view.length)} ${words.of} ${number(rows.length)} ${words.shown}`;
  body.replaceChildren();
  shown = 0;
  if (view.length === 0) {
    body.append(make("tr", { class: "nothing" }, make("td", { colspan: "6" }, words.empty)));
  }
  extend();
  const open = s.open !== "" && body.querySelector(`tr[data-at="${Number(s.open)}"] button`);
  if (open) open.click();
}

// Filters that have no field of their own.
function chips(s) {
  const list = document.getElementById("chips");
  list.replaceChildren();
  const span = () => rows.length && [s.from, s.to].map((t) => t && new Date((Number(t) + 25200) * 1000)
    .toISOString().slice(0, 16).replace("T", " ")).join(" – ");
  const given = { user: s.user, addr: s.addr, tech: s.tech, time: s.from || s.to ? span() : "" };
  for (const [key, value] of Object.entries(given)) {
    if (!value) continue;
    const clear = key === "time" ? { from: "", to: "" } : { [key]: "" };
    const chip = make("button", { type: "button", class: "chip" }, `${words.filters[key]} `,
      make("b", {}, value === "–" ? words.none : value), " ×");
    chip.addEventListener("click", () => go(clear));
    list.append(chip);
  }
}

function extend() {
  body.append(...view.slice(shown, shown + PAGE).map(line));
  shown = Math.min(shown + PAGE, view.length);
  more.hidden = shown >= view.length;
  more.firstElementChild.textContent = `${words.more} (${number(view.length - shown)})`;
}

function line(row) {
  const rule = rules[row.r];
  const name = make("button", { type: "button", class: "open", "aria-expanded": "false", title: rule.title }, rule.title);
  const found = [...new Set(row.m.filter(([field], _, all) => field !== "EventID" || all.length === 1)
    .map(([field, value]) => (field ? `${field}: ` : "") + value))].sort((a, b) => b.length - a.length);
  const host = row.h || row.a.join(" ");
  const tr = make("tr", { "data-at": row.at },
    make("td", { class: "c-time" }, row.t ?? words.none),
    make("td", { class: "c-level" }, severity(rule.level)),
    make("td", { class: "c-title" }, name),
    make("td", { class: row.h ? "c-host" : "c-host dim", title: host }, host),
    make("td", { class: "c-user", title: row.u }, row.u),
    make("td", { class: "c-match" }, found.join(" | ").slice(0, 300)));
  name.addEventListener("click", () => toggle(tr, name, row));
  return tr;
}

function toggle(tr, name, row) {
  const opened = name.getAttribute("aria-expanded") === "true";
  name.setAttribute("aria-expanded", String(!opened));
  remember({ open: opened ? "" : String(row.at) });
  if (opened) tr.nextElementSibling.remove();
  else tr.after(make("tr", { class: "detail" }, make("td", { colspan: "6" }, detail(row))));
}

function move(by) {
  const buttons = [...body.querySelectorAll("button.open")];
  const now = buttons.indexOf(document.activeElement.closest("tr")?.querySelector("button.open"));
  buttons[Math.max(0, Math.min(buttons.length - 1, now + by))]?.focus();
}

function start() {
  rows.forEach((row, at) => { row.at = at; });
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => go({ [event.target.name]: event.target.value }));
  const clear = () => go(Object.fromEntries(KEYS.filter((key) => key !== "sort").map((key) => [key, ""])));
  form.addEventListener("reset", (event) => { event.preventDefault(); clear(); });
  more.firstElementChild.addEventListener("click", extend);
  for (const head of table.tHead.querySelectorAll("[data-sort]")) {
    const button = make("button", { type: "button" }, head.textContent);
    button.addEventListener("click", () => {
      const falling = head.getAttribute("aria-sort") === "descending";
      go({ sort: (falling ? "" : "-") + head.dataset.sort });
    });
    head.replaceChildren(button);
  }
  addEventListener("hashchange", () => {
    if (!location.hash.includes("=")) return;
    update();
    document.getElementById("detections").scrollIntoView();
  });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input, select");
    if (event.key === "Escape") { clear(); return; }
    if (typing) return;
    if (event.key === "/") { event.preventDefault(); form.elements.q.focus(); }
    if (event.key === "j") move(1);
    if (event.key === "k") move(-1);
  });
  update();
  if (location.hash.includes("=")) document.getElementById("detections").scrollIntoView();
}

if (table) start();
