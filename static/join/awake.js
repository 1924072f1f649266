// Keeps a phone's screen on while somebody is in the room: a dark screen ends the sound.

let wanted = false;
let lock = null;

/** Hold the screen on, or let go of it. */
export async function stayAwake(stay) {
  wanted = stay;
  if (!stay) await lock?.release();
  else await hold();
}

// The browser lets go by itself whenever the page is out of sight.
document.addEventListener("visibilitychange", () => {
  if (wanted && document.visibilityState === "visible") hold();
});

async function hold() {
  try {
    lock = await navigator.wakeLock.request("screen");
  } catch {
    // Not every browser can, and a low battery may forbid it.
  }
}
