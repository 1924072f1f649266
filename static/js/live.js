// Parts of a page that are loaded again when something happened: data-live, with an id.

import { parse, replace } from "./page.js";
import { follow } from "./stream.js";

const GATHER = 300; // Milliseconds in which several pieces of news make one reload.

const region = document.querySelector("[data-live]");
let due = null;
if (region) follow(region.dataset.live, { news: () => (due ??= setTimeout(reload, GATHER)) });

async function reload() {
  due = null;
  try {
    const reply = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!reply.ok || reply.redirected) return;
    const old = document.getElementById(region.id);
    const fresh = parse(await reply.text()).getElementById(region.id);
    if (!fresh) return;
    const focused = pathOf(document.activeElement, old);
    replace(old, fresh);
    if (focused) fresh.querySelector(focused)?.focus();
  } catch {
    // The next piece of news tries again; until then the page shows what it knew.
  }
}

/** A selector that finds the same link or button in the reloaded part. */
function pathOf(element, root) {
  if (!root.contains(element)) return null;
  if (element.getAttribute("href")) return `[href="${CSS.escape(element.getAttribute("href"))}"]`;
  return element.dataset.copy ? `[data-copy="${CSS.escape(element.dataset.copy)}"]` : null;
}
