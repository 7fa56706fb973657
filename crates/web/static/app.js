// What every page of the console loads. Pages work without it; it makes them quicker to use.
import "./swap.js";
import "./live.js";
import "./keys.js";
import "./passkey.js";
import "./tail.js";

// The clock of the bar, in the time of Viet Nam.
const clock = document.querySelector("[data-clock]");
if (clock) {
  const form = new Intl.DateTimeFormat("en-GB", {
    timeZone: "Asia/Ho_Chi_Minh",
    day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit",
  });
  setInterval(() => { clock.textContent = form.format(new Date()).replace(",", "") }, 5000);
}

// One open menu at a time; Escape and a click elsewhere close it.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  }
});

// Lists that are chosen from go at once.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-go]")) event.target.form.requestSubmit();
  if (event.target.matches("[data-all]")) {
    const table = event.target.closest("table");
    for (const box of table.querySelectorAll("tbody input[type=checkbox]")) {
      box.checked = event.target.checked;
    }
  }
});

// What is copied: a token, a snippet, an address.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const what = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(what.textContent);
    button.textContent = button.dataset.copied;
  } catch {
    const range = document.createRange();
    range.selectNodeContents(what);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }
});
