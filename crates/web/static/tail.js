// Events as they arrive: rows of the server, newest on top, at most so many.
const MOST = 200;
const table = document.querySelector("[data-tail]");
if (table && "EventSource" in globalThis) {
  const state = document.getElementById("tail-state");
  state.textContent = state.dataset.waiting;
  const source = new EventSource(table.dataset.tail);
  source.addEventListener("rows", (event) => {
    const page = new DOMParser().parseFromString(`<table><tbody>${event.data}</tbody></table>`, "text/html");
    for (const row of page.querySelectorAll("tr")) {
      const fresh = document.adoptNode(row);
      fresh.className = "fresh";
      table.prepend(fresh);
    }
    while (table.children.length > MOST) table.lastElementChild.remove();
  });
  source.addEventListener("missed", (event) => {
    state.textContent = `${state.dataset.missed} ${event.data}`;
  });
  source.addEventListener("over", () => {
    source.close();
    state.textContent = state.dataset.over;
  });
  addEventListener("pagehide", () => source.close());
}
