// The three requests a guest makes before and beside the socket.

const ROOT = "/api/v1";

/** An answer that is not a success. `status` 0: the server could not be reached. */
export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

/** Trade the link's token for a guest token: {access_token, expires_in, room_id, room_name}. */
export function exchange(linkToken) {
  return request("POST", "/public/join-token/exchange", { body: { join_token: linkToken } });
}

/** Take a seat, or the same seat again: {participant, room, access_token, expires_in}. */
export function enter(guestToken, roomId, displayName) {
  const body = { display_name: displayName };
  return request("POST", `/rooms/${roomId}/participants`, { token: guestToken, body });
}

/** The room as it is: {name, status, participant_count, capacity}. */
export function lookAt(token, roomId) {
  return request("GET", `/rooms/${roomId}`, { token });
}

async function request(method, path, { token, body }) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  const options = { method, headers, credentials: "omit", cache: "no-store" };
  if (body) options.body = JSON.stringify(body);
  let reply;
  try {
    reply = await fetch(ROOT + path, options);
  } catch {
    throw new Refused(0, "unreachable");
  }
  const answer = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Refused(reply.status, answer.error ?? reply.statusText);
  return answer;
}
