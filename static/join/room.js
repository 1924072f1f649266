// Inside the room: what the server tells becomes people, lines and sound, and the other way round.

import { Chat } from "./chat.js";
import { Connection } from "./connection.js";
import { announce, find, meter, notice } from "./page.js";
import { People } from "./people.js";
import { microphoneLost, ofMicrophone, passes } from "./trouble.js";

const STATES = {
  connecting: "Connecting",
  open: "Connected",
  waiting: "Connection lost. Trying again",
  closed: "Not connected",
};

/** Fires `over` ({code, refused, left}) when there is no coming back by itself, and `change`. */
export class Room extends EventTarget {
  muted = false; // What this person wants; the server is brought into line.
  #started = false; // The server takes and gives sound.
  #again = false; // This is not the first connection.

  constructor({ visit, microphone, sound }) {
    super();
    Object.assign(this, { visit, microphone, sound });
    this.connection = new Connection((failed) => this.#token(failed));
    this.people = new People({ list: find("people"), template: find("tile"), count: find("count") });
    this.chat = new Chat({
      log: find("lines"),
      form: find("write"),
      input: find("text"),
      template: find("line"),
      empty: find("chat-empty"),
      send: (data) => this.connection.send("chat.send", data),
    });
    this.connection.addEventListener("state", ({ detail }) => this.#moved(detail));
    this.connection.addEventListener("message", ({ detail }) => this.#take(detail));
    this.connection.addEventListener("audio", ({ detail }) => this.sound.play(detail));
    sound.addEventListener("frame", ({ detail }) => this.#speak(detail));
    sound.addEventListener("level", ({ detail }) => this.#hearMyself(detail));
    microphone.addEventListener("change", () => this.#microphoneChanged());
  }

  /** Connect; without a microphone, or only `listening`, everybody sees this person muted. */
  async open({ listening }) {
    if (!listening && !this.microphone.stream) await this.choose();
    this.muted = listening || !this.microphone.stream;
    this.microphone.mute(this.muted);
    this.connection.hurry();
    this.dispatchEvent(new Event("change"));
  }

  leave() {
    this.connection.leave();
    this.#close({ left: true });
  }

  /** Mute or unmute; opens the microphone when there is none yet. */
  async mute(muted) {
    if (!muted && !this.microphone.stream && !(await this.choose())) return;
    this.muted = muted;
    this.microphone.mute(muted);
    this.connection.send(muted ? "audio.mute" : "audio.unmute");
    this.people.mute(this.people.me, muted);
    announce(muted ? "You are muted" : "Your microphone is on");
    this.dispatchEvent(new Event("change"));
  }

  /** Take another microphone, or the usual one; returns whether it works. */
  async choose(id) {
    try {
      await this.sound.listenTo(await this.microphone.open(id));
      this.trouble(null);
      return true;
    } catch (error) {
      this.trouble(ofMicrophone(error));
      return false;
    }
  }

  trouble(trouble) {
    notice(find("trouble"), trouble);
  }

  async #token(failed) {
    try {
      return await (failed ? this.visit.renew() : this.visit.pass());
    } catch (refused) {
      throw Object.assign(refused, { final: !passes(refused) });
    }
  }

  #moved({ state, code, refused }) {
    const text = STATES[state];
    find("state").textContent = text;
    find("state").dataset.state = state;
    find("people").classList.toggle("stale", state === "waiting");
    find("retry").hidden = state !== "waiting";
    if (state !== "open") this.#started = false;
    if (state === "waiting") this.people.hush();
    if (state !== "closed") return;
    if (code === 4401) this.#joinAnew();
    else this.#close({ code, refused });
  }

  #joinAnew() {
    this.visit.forget();
    this.connection.hurry();
  }

  #close(how) {
    this.#started = false;
    this.microphone.close();
    this.sound.flush();
    this.dispatchEvent(new CustomEvent("over", { detail: how }));
  }

  #take({ event, data }) {
    this.#events[event]?.(data);
  }

  #events = {
    connected: ({ participant_id }) => {
      this.people.me = participant_id;
      this.chat.mine.add(participant_id);
      this.connection.send("audio.start", { sample_rate: this.sound.rate, receive: true });
      if (this.#again) this.chat.resend();
      this.#again = true;
    },
    "room.snapshot": (data) => {
      this.people.show(data.participants);
      for (const line of data.messages) this.chat.take(line);
      this.#agree(data.participants.find(({ id }) => id === this.people.me));
    },
    "participant.joined": (member) => {
      this.people.join(member);
      if (member.id !== this.people.me) announce(`${member.display_name} joined`);
    },
    "participant.left": ({ id }) => {
      const name = this.people.get(id)?.display_name;
      this.people.leave(id);
      if (name) announce(`${name} left`);
    },
    "participant.muted": ({ id, is_muted, host_muted }) => {
      this.people.mute(id, is_muted);
      if (id === this.people.me && host_muted) announce("A host muted you");
    },
    "chat.message": (line) => {
      if (!this.chat.take(line) || this.chat.mine.has(line.sender_id)) return;
      this.dispatchEvent(new CustomEvent("line", { detail: line }));
    },
    "audio.started": () => {
      this.#started = true;
      this.sound.flush();
    },
    "audio.stopped": ({ reason }) => {
      this.#started = false;
      if (reason !== "replaced") return;
      this.connection.leave(); // The newer tab keeps the seat.
      this.#close({ code: 4409 });
    },
    "audio.levels": ({ levels }) => {
      // One's own ring follows the microphone itself, without the way to the server and back.
      const others = this.people.ids.filter((id) => id !== this.people.me);
      for (const id of others) this.people.level(id, levels[id] ?? -120);
    },
    error: ({ code, message, event }) => {
      if (event === "chat.send") this.chat.refuse(message);
      if (code === "forbidden") this.trouble({ title: "A host has muted you.", text: message });
    },
  };

  // The server remembers an earlier mute; what this person sees on the button counts.
  #agree(me) {
    if (me && me.self_muted !== this.muted) {
      this.connection.send(this.muted ? "audio.mute" : "audio.unmute");
      this.people.mute(me.id, this.muted || me.host_muted);
    }
  }

  #speak(frame) {
    if (this.#started && !this.muted) this.connection.sendAudio(frame);
  }

  #hearMyself(level) {
    meter(find("room-meter"), level);
    if (this.#started) this.people.level(this.people.me, level);
  }

  #microphoneChanged() {
    if (this.#started && !this.microphone.stream && !this.muted) {
      this.trouble(microphoneLost);
      this.mute(true);
    }
    this.dispatchEvent(new Event("change"));
  }
}
