// What several behaviours need of the page: its spoken line, and news of replaced parts.

const CHANGED = "patchbay:changed";

/** Let a screen reader say something that is only seen otherwise. */
export function say(text) {
  const line = document.getElementById("spoken");
  // The same text twice would not be announced again.
  line.textContent = line.textContent === text ? `${text}\u00a0` : text;
}

/** Run a behaviour on the page as it is, and again on every part that is replaced later. */
export function upgrade(behaviour) {
  behaviour(document);
  document.addEventListener(CHANGED, (event) => behaviour(event.target));
}

/** Put an element in another's place and tell the behaviours. */
export function replace(old, fresh) {
  old.replaceWith(fresh);
  fresh.dispatchEvent(new CustomEvent(CHANGED, { bubbles: true }));
}

/** Read HTML of our own server into a document that runs nothing. */
export function parse(html) {
  return new DOMParser().parseFromString(html, "text/html");
}
