// The guest's page: lobby, room, and what comes after it.

import { stayAwake } from "./awake.js";
import { Lobby } from "./lobby.js";
import { Microphone } from "./microphone.js";
import { announce, find, offer, show } from "./page.js";
import { Room } from "./room.js";
import { Sound } from "./sound.js";
import { ofClosing, ofRefusal } from "./trouble.js";
import { Visit } from "./visit.js";

const LEFT = {
  title: "You left the room.",
  text: "You can close this tab, or go back in.",
  again: "Join again",
};

const visit = new Visit(location.pathname.split("/").filter(Boolean).at(-1));
const microphone = new Microphone();
const sound = new Sound();
const room = new Room({ visit, microphone, sound });
const lobby = new Lobby({ visit, microphone, sound, enter });
let unread = 0;

function enter({ listening }) {
  show("room", find("room-name"));
  room.open({ listening });
  stayAwake(true);
}

function draw() {
  const label = room.muted ? "Unmute" : "Mute";
  find("mute").classList.toggle("muted", room.muted);
  find("mute-label").textContent = room.muted && !microphone.stream ? "Microphone" : label;
  find("mute").title = microphone.stream ? `${label} (M)` : "Turn the microphone on (M)";
  offer(find("room-devices"), microphone);
}

function over({ code, refused, left }) {
  const { title, text, again } = left ? LEFT : refused ? ofRefusal(refused) : ofClosing(code);
  find("over-title").textContent = title;
  find("over-text").textContent = text;
  find("again").hidden = !again;
  find("again").textContent = again ?? "";
  find("again").onclick = () => (left ? location.reload() : enter({ listening: room.muted }));
  show("over", find("over-title"));
  stayAwake(false);
}

function toggleChat(open = find("chat").hidden) {
  find("chat").hidden = !open;
  find("room").classList.toggle("chatting", open);
  find("chat-toggle").setAttribute("aria-expanded", open);
  (open ? find("text") : find("chat-toggle")).focus();
  if (!open) return;
  find("lines").scrollTop = find("lines").scrollHeight;
  count(0);
}

function count(lines) {
  unread = lines;
  find("unread").hidden = lines === 0;
  find("unread").textContent = lines > 9 ? "9+" : lines;
  const words = lines === 1 ? "Chat, one new message" : `Chat, ${lines} new messages`;
  find("chat-toggle").setAttribute("aria-label", lines ? words : "Chat");
}

function press(event) {
  const { key, target, repeat, ctrlKey, metaKey, altKey } = event;
  if (find("room").hidden) return;
  if (key === "Escape" && find("devices-menu").open) find("devices-menu").open = false;
  else if (key === "Escape" && !find("chat").hidden) toggleChat(false);
  if (key.toLowerCase() !== "m" || repeat || ctrlKey || metaKey || altKey) return;
  if (target.closest("input, textarea, select")) return;
  room.mute(!room.muted);
}

room.addEventListener("change", draw);
room.addEventListener("over", ({ detail }) => over(detail));
room.addEventListener("line", ({ detail }) => {
  if (!find("chat").hidden) return; // The open chat is a live region of its own.
  count(unread + 1);
  announce(`${detail.display_name} writes: ${detail.text}`);
});
sound.addEventListener("halted", () => {
  find("hush").hidden = find("room").hidden || !sound.halted;
});

find("mute").addEventListener("click", () => room.mute(!room.muted));
find("leave").addEventListener("click", () => room.leave());
find("retry").addEventListener("click", () => room.connection.hurry());
find("chat-toggle").addEventListener("click", () => toggleChat());
find("chat-close").addEventListener("click", () => toggleChat(false));
find("trouble-close").addEventListener("click", () => room.trouble(null));
find("unhush").addEventListener("click", () => sound.wake());
find("room-devices").addEventListener("change", ({ target }) => room.choose(target.value));
document.addEventListener("keydown", press);
document.addEventListener("pointerdown", ({ target }) => {
  sound.wake();
  if (!target.closest("#devices-menu")) find("devices-menu").open = false;
});

draw();
lobby.open();
