// One guest's visit: the link, the tokens it gave, and the seat in the room. Survives a reload.

import * as api from "./api.js";

const KEY = "patchbay.visit";
const SPARE = 60_000; // A token with less than this to live, in ms, is renewed first.

export class Visit {
  constructor(linkToken) {
    this.link = linkToken;
    this.name = "";
    this.guest = null; // {token, expires, roomId}
    this.seat = null; // {token, expires, participant}
    const kept = recall();
    if (kept?.link === linkToken) Object.assign(this, { name: kept.name, guest: kept.guest });
  }

  /** Make sure there is a guest token; returns the room as it is. Raises Refused. */
  async arrive() {
    if (!fresh(this.guest)) await this.#exchange();
    try {
      return await api.lookAt(this.guest.token, this.guest.roomId);
    } catch (refused) {
      if (refused.status !== 401) throw refused;
    }
    await this.#exchange(); // The kept token is no longer good; the link itself may be.
    return api.lookAt(this.guest.token, this.guest.roomId);
  }

  /** Take the seat under a name; the same guest token gives the same seat. Raises Refused. */
  async sit(name) {
    if (!fresh(this.guest)) await this.#exchange();
    this.name = name;
    const joined = await api.enter(this.guest.token, this.guest.roomId, name);
    this.seat = {
      token: joined.access_token,
      expires: Date.now() + joined.expires_in * 1000,
      participant: joined.participant,
    };
    this.#keep();
    return joined;
  }

  /** A token for the socket that is good for a while yet. Raises Refused. */
  async pass() {
    if (!fresh(this.seat)) await this.sit(this.name);
    return this.seat.token;
  }

  /** The same after a try that failed: first ask whether the seat is still there. Raises Refused. */
  async renew() {
    if (fresh(this.guest) || !fresh(this.seat)) {
      await this.sit(this.name);
    } else {
      const room = await api.lookAt(this.seat.token, this.guest.roomId);
      if (room.status !== "active") throw new api.Refused(409, "room is not active");
    }
    return this.seat.token;
  }

  /** Forget the tokens, so that the next `pass` starts from the link again. */
  forget() {
    this.guest = null;
    this.seat = null;
  }

  async #exchange() {
    const given = await api.exchange(this.link);
    const expires = Date.now() + given.expires_in * 1000;
    this.guest = { token: given.access_token, expires, roomId: given.room_id };
    this.#keep();
  }

  #keep() {
    const { link, name, guest } = this;
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ link, name, guest }));
    } catch {
      // A browser that keeps nothing only loses the seat on a reload.
    }
  }
}

function fresh(pass) {
  return pass !== null && pass.expires - Date.now() > SPARE;
}

function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}
