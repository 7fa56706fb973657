"use strict";
// What a row unfolds to. Text of logs is only ever set as text.
const { rules, words, rows } = JSON.parse(document.getElementById("data").textContent);
const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, document.documentElement.lang === "vi" ? "." : ",");

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

function section(title, ...content) {
  return make("section", {}, make("h3", {}, title), ...content);
}

const items = (texts) => make("ul", {}, ...texts.map((text) => make("li", {}, text)));

function detail(row) {
  const rule = rules[row.r];
  const fields = new Set(row.m.map(([field]) => field));
  const event = make("dl", { class: "event" });
  for (const [field, value] of row.e) {
    event.append(make("dt", fields.has(field) ? { class: "found" } : {}, field), make("dd", {}, value));
  }
  const facts = make("dl", {}, make("dt", {}, words.place),
    make("dd", { class: "mono" }, `${row.f} · ${words.record} ${number(row.n)}` + (row.o ? ` · ${words.offset} ${number(row.o)}` : "")));
  if (row.a.length) facts.append(make("dt", {}, words.addresses), make("dd", { class: "mono" }, row.a.join(" ")));
  const tags = [...rule.tactics.map((tactic) => words.tactics[tactic] ?? tactic), ...rule.techniques];
  const why = section(words.why, make("ul", { class: "why" }, ...reasons(row.m)));
  if (row.c) why.append(make("p", {}, `${words.joined}: ${number(row.c)}`),
    make("ol", { class: "joined mono" }, ...row.j.map(([time, place]) => make("li", {}, `${time}  ${place}`))));
  const left = make("div", {}, why);
  if (rule.check.length) left.append(section(words.check, items(rule.check)));
  if (rule.harmless.length) left.append(section(words.harmless, items(rule.harmless)));
  left.append(section(words.about, make("p", {}, rule.description),
    make("p", { class: "tags" }, ...tags.map((tag) => make("span", { class: "tag" }, tag))),
    make("p", { class: "dim mono" }, `${rule.id} · ${rule.file}`)));
  const right = make("div", {}, section(words.event, facts, event,
    row.x ? make("p", { class: "note" }, `… ${number(row.x)} ${words.cut}`) : null));
  return make("div", { class: "pair" }, left, right);
}

// Why it was found: every value once, with all that was found in it marked.
function reasons(found) {
  const values = new Map(found.map(([field, value]) => [`${field}\n${value}`, []]));
  for (const one of found) values.get(`${one[0]}\n${one[1]}`).push(one);
  return [...values.values()].map((same) => {
    const [field, value] = same[0];
    const tests = same.flatMap(([, , pattern, modifier]) => {
      const kind = modifier.split("|").find((word) => words.modifiers[word]) ?? "";
      return [`${words.modifiers[kind]} `, make("code", { class: "pattern" }, pattern), " "];
    });
    const grouped = same[0][3] === "group-by" ? [words.modifiers["group-by"]] : tests;
    return make("li", {}, make("b", {}, field || words.anywhere), " ",
      make("span", { class: "dim" }, ...(value === "" ? [words.absent] : grouped)),
      make("div", { class: "mono" }, ...marked(value, same)));
  });
}

// The value with the literal parts of the patterns marked; expressions and networks mark it whole.
function marked(value, same) {
  const low = value.toLowerCase();
  const spans = [];
  for (const [, , pattern, modifier] of same) {
    const whole = ["re", "cidr", "group-by"].some((kind) => modifier.split("|").includes(kind));
    const parts = whole ? [low] : pattern.toLowerCase().split(/[*?]/);
    let at = 0;
    for (const part of parts.map((text) => text.replaceAll("\\\\", "\\")).filter(Boolean)) {
      const start = modifier.includes("endswith") ? low.lastIndexOf(part) : low.indexOf(part, at);
      if (start < 0) continue;
      at = start + part.length;
      spans.push([start, at]);
    }
  }
  // Where lower case has another length, places in it say nothing about the value.
  if (low.length !== value.length) return [value];
  spans.sort((a, b) => a[0] - b[0]);
  const out = [];
  let at = 0;
  for (const [start, end] of spans) {
    if (end <= at) continue;
    out.push(value.slice(at, Math.max(at, start)), make("mark", {}, value.slice(Math.max(at, start), end)));
    at = end;
  }
  return [...out, value.slice(at)];
}
