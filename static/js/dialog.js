// Links that open a page's form in a dialog: data-dialog. Without scripts they open the page.

import { parse } from "./page.js";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("a[data-dialog]");
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
  if (!opener || elsewhere) return;
  event.preventDefault();
  open(opener);
});

async function open(opener) {
  opener.setAttribute("aria-busy", "true");
  try {
    const reply = await fetch(opener.href, { headers: { Accept: "text/html" } });
    const body = reply.ok && !reply.redirected && bodyOf(await reply.text());
    if (!body) throw new Error("not a form");
    show(body);
  } catch {
    location.assign(opener.href);
  } finally {
    opener.removeAttribute("aria-busy");
  }
}

function show(body) {
  const dialog = document.createElement("dialog");
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest("[data-dialog-close]")) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("cancel", (event) => {
    // A secret that is shown once is not lost to a stray Escape.
    if (dialog.querySelector("[data-dialog-keep]")) event.preventDefault();
  });
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    send(dialog, event.target, event.submitter);
  });
  fill(dialog, body);
  document.body.append(dialog);
  dialog.showModal();
  focusFirst(dialog);
}

async function send(dialog, form, button) {
  if (button?.getAttribute("aria-busy")) return;
  button?.setAttribute("aria-busy", "true");
  try {
    const reply = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json, text/html;q=0.9" },
    });
    if (reply.headers.get("Content-Type")?.startsWith("application/json")) {
      finish(dialog, await reply.json());
    } else {
      fill(dialog, bodyOf(await reply.text()));
      focusFirst(dialog);
    }
  } catch {
    complain(dialog, "The server does not answer. Try again in a moment.");
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

function finish(dialog, answer) {
  if (answer.next) location.assign(answer.next);
  else complain(dialog, answer.error.message);
}

function complain(dialog, text) {
  const notice = dialog.querySelector(".notice.bad") ?? document.createElement("p");
  notice.className = "notice bad";
  notice.setAttribute("role", "alert");
  notice.textContent = text;
  dialog.querySelector("form").prepend(notice);
}

function bodyOf(html) {
  return parse(html).querySelector("[data-dialog-body]");
}

function fill(dialog, body) {
  const title = body.querySelector("h1");
  title.id = "dialog-title";
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.replaceChildren(document.adoptNode(body));
}

function focusFirst(dialog) {
  const field =
    dialog.querySelector("[aria-invalid]") ??
    dialog.querySelector("input:not([type=hidden]), select, textarea") ??
    dialog.querySelector("[data-dialog-close]");
  field?.focus();
}
