// What went wrong, in words that say what to do about it: {title, text}.

const MICROPHONE = {
  NotAllowedError: {
    title: "The browser does not let this page use the microphone.",
    text: "Open the site settings beside the address, allow the microphone, and try again.",
  },
  NotFoundError: {
    title: "No microphone was found.",
    text: "Plug one in and try again. You can join and listen without one.",
  },
  NotReadableError: {
    title: "The microphone is busy.",
    text: "Another program is holding it. Close that program and try again.",
  },
  InsecureError: {
    title: "This address cannot use a microphone.",
    text:
      "Browsers give it only to pages opened over https. Ask whoever sent you the link for an " +
      "https address. You can join and listen meanwhile.",
  },
};

const UNKNOWN_MICROPHONE = {
  title: "The microphone did not start.",
  text: "Choose another one, or try again.",
};

const LOST_MICROPHONE = {
  title: "The microphone was disconnected.",
  text: "Plug it in again or choose another one.",
};

const FULL = {
  title: "The room is full.",
  text: "Every seat is taken. Try again when somebody has left.",
};

const ENDED = {
  title: "The room has ended.",
  text: "Nobody can join it any more. Ask whoever invited you for a new link.",
};

const GONE = {
  title: "This link does not open a room any more.",
  text: "Ask whoever invited you for a new one.",
};

const REMOVED = {
  title: "You were removed from the room.",
  text: "If that was a mistake, ask the host for a new link.",
};

const LIMITED = {
  title: "Too many tries in a short time.",
  text: "Wait a minute, then try again.",
};

const UNREACHABLE = {
  title: "The server cannot be reached.",
  text: "Check your connection and try again.",
};

const BROKEN = {
  title: "The server could not let you in.",
  text: "That is a fault on its side. Try again in a moment.",
};

export const microphoneLost = LOST_MICROPHONE;

/** Why the microphone did not start. */
export function ofMicrophone(error) {
  const name = error.name === "SecurityError" ? "NotAllowedError" : error.name;
  return MICROPHONE[name] ?? UNKNOWN_MICROPHONE;
}

/** Why a request was refused. */
export function ofRefusal({ status, message }) {
  if (status === 0) return UNREACHABLE;
  if (message === "room is full") return FULL;
  if (message === "room is not active") return ENDED;
  if (message === "participant was removed") return REMOVED;
  if (status === 429) return LIMITED;
  return status < 500 ? GONE : BROKEN;
}

/** What the end of a connection means, and whether coming back is possible: {title, text, again}. */
export function ofClosing(code) {
  if (code === 4409) {
    return {
      title: "You are in this room in another tab.",
      text: "That tab took over. Only one of them can be connected at a time.",
      again: "Use this tab instead",
    };
  }
  if (code === 4403) return REMOVED;
  if (code === 4429) return { ...LIMITED, again: "Join again" };
  return ENDED;
}

/** Whether a refusal is worth another try by itself. */
export function passes({ status }) {
  return status === 0 || status === 429 || status >= 500;
}
