// A stream of Server-Sent Events that is open while its page is looked at.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

/**
 * Follow a stream. `handlers` takes the data of each message by its event's name;
 * `onState` hears whether the stream is open. Returns a function that ends it for good.
 */
export function follow(address, handlers, onState = () => {}) {
  const url = new URL(address, location.href);
  let source = null;
  let ended = false;
  let patience = FIRST_WAIT;

  function open() {
    if (ended || source || document.hidden) return;
    source = new EventSource(url);
    source.addEventListener("open", () => {
      patience = FIRST_WAIT;
      onState(true);
    });
    source.addEventListener("error", () => {
      onState(false);
      if (source?.readyState === EventSource.CLOSED) retry();
    });
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (message) => {
        // A new EventSource knows nothing of an older one's last id.
        if (message.lastEventId) url.searchParams.set("after", message.lastEventId);
        handle(JSON.parse(message.data), message.lastEventId);
      });
    }
  }

  function retry() {
    // The browser gives up on an answer that is no stream, as from a server that restarts.
    source = null;
    setTimeout(open, patience);
    patience = Math.min(patience * 2, LONGEST_WAIT);
  }

  function close() {
    source?.close();
    source = null;
  }

  function look() {
    // Browsers allow six connections to one host; pages in the background leave theirs.
    if (document.hidden) close();
    else open();
  }

  document.addEventListener("visibilitychange", look);
  open();
  return () => {
    ended = true;
    document.removeEventListener("visibilitychange", look);
    close();
  };
}
