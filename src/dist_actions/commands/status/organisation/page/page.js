"use strict";
// Only for comfort: everything can be read without it.
const byId = (id) => document.getElementById(id);
const list = byId("packages");
const rows = [...list.querySelectorAll(".package")];
const states = [...document.querySelectorAll("input[name=state]")];
const orders = {
  name: (a, b) => 0,
  since: (a, b) => (a.dataset.since || Infinity) - (b.dataset.since || Infinity) || 0,
  released: (a, b) => b.dataset.released - a.dataset.released,
};

function show() {
  const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const state = states.find((input) => input.checked).value;
  let count = 0;
  for (const row of rows) {
    const fits = (!state || row.dataset.state === state) && words.every((word) => row.dataset.text.includes(word));
    row.hidden = !fits;
    count += fits;
  }
  byId("shown").textContent = `${count} of ${rows.length} packages`;
  byId("none").hidden = count > 0 || rows.length === 0;
  const chosen = new URLSearchParams();
  if (words.length) chosen.set("filter", words.join(" "));
  if (state) chosen.set("state", state);
  if (byId("sort").value !== "name") chosen.set("sort", byId("sort").value);
  history.replaceState(null, "", `#${chosen}`);
}

function sort() {
  // The rows were written in the order of their names, and sorting keeps that among equals.
  list.append(...[...rows].sort(orders[byId("sort").value]));
  show();
}

function restore() {
  const chosen = new URLSearchParams(location.hash.slice(1));
  byId("filter").value = chosen.get("filter") || "";
  for (const input of states) input.checked = input.value === (chosen.get("state") || "");
  if (!states.some((input) => input.checked)) states[0].checked = true;
  if (chosen.get("sort") in orders) byId("sort").value = chosen.get("sort");
  sort();
}

const themes = ["automatic", "light", "dark"];
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").textContent = `Theme: ${theme}`;
}

byId("filter").addEventListener("input", show);
for (const input of states) input.addEventListener("change", show);
byId("sort").addEventListener("change", sort);
byId("theme").addEventListener("click", () => {
  const next = themes.indexOf(document.documentElement.dataset.theme) + 1;
  const theme = themes[next % themes.length];
  setTheme(theme);
  try { localStorage.setItem("theme", theme); } catch { /* a page without storage has no memory */ }
});
addEventListener("keydown", (event) => {
  if (event.key === "/" && !["INPUT", "SELECT"].includes(document.activeElement.tagName)) {
    event.preventDefault();
    byId("filter").focus();
  }
});
if (navigator.clipboard) {
  for (const button of document.querySelectorAll(".copy")) button.hidden = false;
  list.addEventListener("click", async (event) => {
    const button = event.target.closest(".copy");
    if (!button) return;
    await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
    byId("shown").textContent = "Copied";
  });
}
let remembered = null;
try { remembered = localStorage.getItem("theme"); } catch { /* see above */ }
setTheme(themes.includes(remembered) ? remembered : "automatic");
document.querySelector(".controls").hidden = rows.length === 0;
byId("theme").hidden = false;
restore();
