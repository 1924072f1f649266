// Tables that can be sorted by a column: data-sortable, with data-sort on the headings.

import { say, upgrade } from "./page.js";

// By caption of the region a table stands in, so that a replaced table keeps its order.
const chosen = new Map();

upgrade((root) => {
  for (const table of root.querySelectorAll("table[data-sortable]")) prepare(table);
});

function prepare(table) {
  for (const heading of table.querySelectorAll("th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...heading.childNodes, arrow());
    button.addEventListener("click", () => turn(table, heading));
    heading.append(button);
  }
  const before = chosen.get(nameOf(table));
  if (before) order(table, table.tHead.rows[0].cells[before.column], before.direction);
}

function turn(table, heading) {
  const ascending = heading.getAttribute("aria-sort") === "ascending";
  const direction = ascending ? "descending" : "ascending";
  order(table, heading, direction);
  chosen.set(nameOf(table), { column: heading.cellIndex, direction });
  say(`Sorted by ${heading.textContent.trim()}, ${direction}`);
}

function order(table, heading, direction) {
  for (const other of table.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", direction);
  const sign = direction === "ascending" ? 1 : -1;
  const rows = [...table.tBodies[0].rows].map((row) => ({
    row,
    value: valueOf(row.cells[heading.cellIndex], heading.dataset.sort),
  }));
  rows.sort((a, b) => sign * compare(a.value, b.value));
  table.tBodies[0].append(...rows.map(({ row }) => row));
}

function valueOf(cell, kind) {
  if (kind === "number") return Number(cell.dataset.value);
  // Moments of one form sort as text; a cell without one comes first.
  if (kind === "time") return cell.querySelector("time")?.dateTime ?? "";
  return cell.textContent.trim();
}

function compare(a, b) {
  return typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true });
}

function nameOf(table) {
  return table.closest("[aria-label]")?.getAttribute("aria-label");
}

function arrow() {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${new URL("../icons.svg", import.meta.url).pathname}#up`);
  icon.append(use);
  return icon;
}
