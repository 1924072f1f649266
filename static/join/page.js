// The page's own parts: finding elements, notices, and words for people who do not see it.

export const find = (id) => document.getElementById(id);

const SCREENS = ["lobby", "room", "over"];

/** Show one screen and put the focus where it begins. */
export function show(screen, focused) {
  for (const id of SCREENS) find(id).hidden = id !== screen;
  focused?.focus({ preventScroll: true });
}

/** Show what went wrong in a notice, or hide it: {title, text} or null. */
export function notice(box, trouble) {
  box.hidden = trouble === null;
  if (trouble === null) return;
  for (const name of ["title", "text"]) {
    box.querySelector(`[data-part="${name}"]`).textContent = trouble[name];
  }
}

/** Let a screen reader say something once the present sentence is over. */
export function announce(text) {
  const news = find("news");
  news.textContent = news.textContent === text ? `${text}\u00a0` : text;
}

/** Fill a list of devices and mark the one in use. */
export function offer(select, { devices, chosen }) {
  select.replaceChildren(...devices.map(({ id, name }) => new Option(name, id, false, id === chosen)));
}

/** Move a level meter: dBFS from -60 to 0. */
export function meter(box, dBFS) {
  const share = Math.min(1, Math.max(0, (dBFS + 60) / 55));
  box.style.setProperty("--level", share.toFixed(3));
}
