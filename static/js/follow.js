// A call's page that moves by itself: data-follow on its timeline.

import { parse, replace } from "./page.js";
import { follow } from "./stream.js";

const SILENCE = -60; // dBFS; the lowest that a level shows.
const STALE = 1500; // Milliseconds after which a level that is not renewed falls.

const timeline = document.querySelector("[data-follow]");
const state = document.getElementById("following");
let fall = null;

if (timeline) {
  const stop = follow(
    timeline.dataset.follow,
    {
      entry: add,
      part: ({ id, html }) => swap(id, html),
      levels: showLevels,
      over: () => {
        stop();
        showLevels({});
        document.getElementById("chat-form")?.remove();
        state.remove();
      },
    },
    showState,
  );
}

function add(html, seq) {
  // A stream that broke may repeat what came just before.
  if (timeline.querySelector(`[data-seq="${CSS.escape(seq)}"]`)) return;
  const atEnd = window.innerHeight + window.scrollY >= document.body.scrollHeight - 80;
  const entry = parse(html).body.firstElementChild;
  entry.classList.add("new");
  timeline.append(entry);
  if (atEnd) entry.scrollIntoView({ block: "nearest" });
}

function swap(id, html) {
  const old = document.getElementById(id);
  const fresh = parse(html).getElementById(id);
  if (!old || !fresh) return;
  const focused = old.contains(document.activeElement);
  replace(old, fresh);
  if (focused) fresh.querySelector("a, button")?.focus();
}

function showLevels(levels) {
  clearTimeout(fall);
  for (const meter of document.querySelectorAll("[data-level]")) {
    meter.value = levels[meter.dataset.level] ?? SILENCE;
  }
  if (Object.keys(levels).length) fall = setTimeout(() => showLevels({}), STALE);
}

function showState(open) {
  state.classList.toggle("on", open);
  state.textContent = open ? "Live" : "Reconnecting";
}
