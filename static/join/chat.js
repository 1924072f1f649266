// The chat: lines as they come, and own lines that wait until the room has them.

export class Chat {
  #shown = new Map(); // Lines by id.
  #waiting = new Map(); // Own lines by client id, until they come back: {text, item}.

  constructor({ log, form, input, template, empty, send }) {
    Object.assign(this, { log, form, input, template, empty, send, mine: new Set() });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
  }

  /** Show a line once, however often it comes; returns whether it was new. */
  take(line) {
    if (this.#shown.has(line.id)) return false;
    this.#waiting.get(line.client_id)?.item.remove();
    this.#waiting.delete(line.client_id);
    const item = this.#item(line.display_name, line.text, line.timestamp, this.mine.has(line.sender_id));
    this.#shown.set(line.id, line);
    this.#place(item, line.timestamp);
    return true;
  }

  /** Send again what was on its way when the connection broke; the room takes each line once. */
  resend() {
    for (const [client_id, { text }] of this.#waiting) this.send({ text, client_id });
  }

  /** Say under the newest own line why it did not get through. */
  refuse(text) {
    const [client_id, last] = [...this.#waiting].at(-1) ?? [];
    if (!last) return;
    last.item.querySelector('[data-part="time"]').textContent = `Not sent. ${text}`;
    last.item.classList.add("refused");
    this.#waiting.delete(client_id);
  }

  #submit() {
    const text = this.input.value.trim();
    if (!text) return;
    const client_id = token();
    const item = this.#item("You", text, null, true);
    this.#waiting.set(client_id, { text, item });
    this.#place(item, null);
    this.send({ text, client_id });
    this.input.value = "";
    this.input.focus();
  }

  #item(name, text, timestamp, mine) {
    const item = this.template.content.firstElementChild.cloneNode(true);
    const part = (name_) => item.querySelector(`[data-part="${name_}"]`);
    part("name").textContent = mine ? "You" : name;
    part("text").append(...linked(text));
    const time = part("time");
    time.textContent = timestamp ? clock(timestamp) : "Sending";
    if (timestamp) time.dateTime = timestamp;
    item.classList.toggle("mine", mine);
    item.classList.toggle("waiting", !timestamp);
    item.dataset.at = timestamp ?? "";
    return item;
  }

  // Lines stand in the order of their times; own waiting ones stay at the end.
  #place(item, timestamp) {
    const { log } = this;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    const later = [...log.children].find(({ dataset }) => timestamp && !(dataset.at && dataset.at <= timestamp));
    log.insertBefore(item, later ?? null);
    this.empty.hidden = true;
    if (atEnd || item.classList.contains("mine")) log.scrollTop = log.scrollHeight;
  }
}

// Addresses become links; everything else stays text.
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,:;!?)\]])/u).map((piece, index) => {
    if (index % 2 === 0) return document.createTextNode(piece);
    const link = document.createElement("a");
    Object.assign(link, { href: piece, textContent: piece, target: "_blank", rel: "noopener noreferrer" });
    return link;
  });
}

function clock(timestamp) {
  return new Date(timestamp).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

// Not randomUUID: an insecure address has none.
function token() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
