// Buttons that copy a text: data-copy.

import { say } from "./page.js";

const SHOWN_FOR = 1600;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const copied = await copy(button.dataset.copy);
  say(copied ? "Copied" : "Your browser does not let pages copy. Select the text instead.");
  if (copied) confirm(button);
});

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers offer the clipboard on HTTPS and localhost only; the old command works elsewhere.
    return copyBySelection(text);
  }
}

function copyBySelection(text) {
  const field = document.createElement("textarea");
  const focused = document.activeElement;
  field.value = text;
  field.className = "unseen";
  // Inside an open dialog nothing outside of it can be selected.
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return copied;
}

function confirm(button) {
  const label = button.querySelector("span");
  const use = button.querySelector("use");
  const before = use.getAttribute("href");
  if (before.endsWith("#check")) return;
  use.setAttribute("href", before.replace("#copy", "#check"));
  button.classList.add("done");
  if (label) label.textContent = "Copied";
  setTimeout(() => {
    use.setAttribute("href", before);
    button.classList.remove("done");
    if (label) label.textContent = "Copy";
  }, SHOWN_FOR);
}
