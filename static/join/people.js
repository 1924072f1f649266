// Who is in the room: one tile each, with a ring that follows the voice.

const FLOOR = -55; // dBFS: below it nobody speaks.
const CEILING = -15; // dBFS: the ring is fully open.
const SPEAKING = -45;

export class People {
  #members = new Map();
  #tiles = new Map();

  constructor({ list, template, count }) {
    Object.assign(this, { list, template, count, me: null });
  }

  get ids() {
    return [...this.#members.keys()];
  }

  get(id) {
    return this.#members.get(id);
  }

  /** Show exactly these people. */
  show(members) {
    const here = new Set(members.map(({ id }) => id));
    for (const id of [...this.#members.keys()]) if (!here.has(id)) this.leave(id);
    for (const member of members) this.join(member);
  }

  join(member) {
    this.#members.set(member.id, member);
    if (!this.#tiles.has(member.id)) this.#make(member.id);
    this.#draw(member.id);
  }

  leave(id) {
    this.#members.delete(id);
    this.#tiles.get(id)?.remove();
    this.#tiles.delete(id);
    this.#tally();
  }

  mute(id, muted) {
    const member = this.#members.get(id);
    if (!member) return;
    member.is_muted = muted;
    this.#draw(id);
  }

  /** Let every ring close. */
  hush() {
    for (const id of this.ids) this.level(id, -120);
  }

  /** Move a ring by the level of a voice, in dBFS. */
  level(id, dBFS) {
    const tile = this.#tiles.get(id);
    if (!tile) return;
    const silent = this.#members.get(id).is_muted;
    const share = silent ? 0 : Math.min(1, Math.max(0, (dBFS - FLOOR) / (CEILING - FLOOR)));
    tile.style.setProperty("--level", share.toFixed(2));
    tile.classList.toggle("speaking", !silent && dBFS > SPEAKING);
  }

  #make(id) {
    const tile = this.template.content.firstElementChild.cloneNode(true);
    tile.dataset.id = id;
    this.#tiles.set(id, tile);
    if (id === this.me) this.list.prepend(tile);
    else this.list.append(tile);
    this.#tally();
  }

  #draw(id) {
    const member = this.#members.get(id);
    const tile = this.#tiles.get(id);
    const part = (name) => tile.querySelector(`[data-part="${name}"]`);
    part("initials").textContent = initials(member.display_name);
    part("name").textContent = member.display_name;
    part("you").hidden = id !== this.me;
    part("role").textContent = member.kind === "agent" ? "Agent" : "Host";
    part("role").hidden = member.kind !== "agent" && member.role !== "host";
    part("muted").hidden = !member.is_muted;
    tile.classList.toggle("agent", member.kind === "agent");
    tile.classList.toggle("muted", member.is_muted);
    if (member.is_muted) this.level(id, -120);
  }

  #tally() {
    const { size } = this.#tiles;
    this.count.textContent = size === 1 ? "Only you are here" : `${size} in the room`;
    this.list.dataset.count = size;
  }
}

/** One or two letters that stand for a name. */
export function initials(name) {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => [...word][0].toLocaleUpperCase()).join("") || "?";
}
