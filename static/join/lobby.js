// Before the room: a name, and a look at the microphone.

import { find, meter, notice, offer } from "./page.js";
import { ofMicrophone, ofRefusal } from "./trouble.js";

/** Wait in the lobby until the person has a seat; `enter` is then called with {listening}. */
export class Lobby {
  constructor({ visit, microphone, sound, enter }) {
    Object.assign(this, { visit, microphone, sound, enter });
    find("name").value = visit.name;
    find("lobby-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#join(false);
    });
    find("listen").addEventListener("click", () => this.#join(true));
    find("ask").addEventListener("click", () => this.#test());
    find("lobby-devices").addEventListener("change", ({ target }) => this.#test(target.value));
    find("name").addEventListener("input", () => this.#check(false));
    microphone.addEventListener("change", () => this.#draw());
    sound.addEventListener("level", ({ detail }) => meter(find("lobby-meter"), detail));
  }

  /** Look whether the link is good, and start the preview where nobody needs to be asked. */
  async open() {
    this.#draw();
    if (!this.microphone.possible) this.#tell(ofMicrophone({ name: "InsecureError" }));
    try {
      const room = await this.visit.arrive();
      if (room.status === "ended") throw Object.assign(new Error("room is not active"), { status: 409 });
      find("lobby-who").textContent = greeting(room.participant_count);
    } catch (refused) {
      this.#tell(ofRefusal(refused));
    }
    if (await this.microphone.allowed()) await this.#test();
  }

  async #test(id) {
    const started = this.sound.start(); // Now, while the browser counts this as the person's wish.
    try {
      const stream = await this.microphone.open(id);
      await started;
      await this.sound.listenTo(stream);
      await this.sound.wake();
      this.#tell(null);
      return true;
    } catch (error) {
      this.#tell(ofMicrophone(error));
      return false;
    }
  }

  async #join(listening) {
    if (!this.#check(true)) return;
    this.#busy(true);
    this.sound.start();
    this.sound.wake();
    if (listening) this.microphone.close();
    else if (!this.microphone.stream && !(await this.#test())) {
      this.#busy(false);
      find("listen").focus();
      return;
    }
    try {
      await this.visit.sit(find("name").value.trim());
      this.enter({ listening });
    } catch (refused) {
      this.#tell(ofRefusal(refused));
    }
    this.#busy(false);
  }

  #check(complain) {
    const missing = find("name").value.trim() === "";
    const wrong = missing && complain;
    find("name-wrong").hidden = !wrong;
    find("name").setAttribute("aria-invalid", wrong);
    if (wrong) find("name").focus();
    return !missing;
  }

  #tell(trouble) {
    notice(find("lobby-trouble"), trouble);
  }

  #busy(busy) {
    for (const id of ["join", "listen"]) find(id).disabled = busy;
    find("join").setAttribute("aria-busy", busy);
  }

  #draw() {
    const open = this.microphone.stream !== null;
    find("check").hidden = !open;
    find("ask").hidden = open;
    find("lobby-microphone").hidden = !this.microphone.possible;
    find("join").hidden = !this.microphone.possible;
    find("listen").classList.toggle("primary", !this.microphone.possible);
    find("listen").classList.toggle("plain", this.microphone.possible);
    offer(find("lobby-devices"), this.microphone);
  }
}

function greeting(count) {
  const who = count === 0 ? "Nobody is here yet" : `${count} in the room now`;
  return `${who}. Talk from your browser; no account needed.`;
}
