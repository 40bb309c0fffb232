// Who sees one's presence and status: the rule of docs/presence.md, "Who sees it", read as strictly as the server reads it.

import { isUserID, serverOf } from "./text.js";

export const TYPE = "m.presence.sharing";
export const DEFAULTS = ["everyone", "shared_rooms", "local", "nobody"];

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isMissing = (value) => value === undefined || value === null;

/// The policy that account data holds: `users` with "allow" and "deny", and what holds for the rest; `byDefault` is null where the
/// operator decides.
export function readPolicy(content) {
  const policy = { users: new Map(), deniedServers: new Set(), rooms: new Set(), sharesLocally: content.share_locally === true, byDefault: null };
  for (const [user, verdict] of Object.entries(isObject(content.users) ? content.users : {})) {
    if (isUserID(user) && verdict !== null) policy.users.set(user, verdict === "allow" ? "allow" : "deny");
  }
  for (const [server, verdict] of Object.entries(isObject(content.servers) ? content.servers : {})) {
    if (verdict !== null && verdict !== "allow") policy.deniedServers.add(server);
  }
  for (const [room, verdict] of Object.entries(isObject(content.rooms) ? content.rooms : {})) {
    if (verdict === "allow") policy.rooms.add(room);
  }
  const isUnreadable = (value) => !isMissing(value) && !isObject(value);
  const says = [content.users, content.servers, content.rooms, content.share_locally].some((value) => !isMissing(value));
  if (isUnreadable(content.users) || isUnreadable(content.servers)) policy.byDefault = "nobody";
  else if (content["io.hearth.default"] !== undefined) {
    policy.byDefault = DEFAULTS.includes(content["io.hearth.default"]) ? content["io.hearth.default"] : "nobody";
  } else if (says) policy.byDefault = "nobody";
  return policy;
}

/// Whether a viewer sees the owner, and why: `{sees, why}`; `sees` is null where only the operator knows.
///
/// `viewer` has `id`, `rooms` (ids of rooms that both joined), and `isPublic(room)`, `suggests(room)` say what those rooms are.
export function decide(policy, owner, viewer) {
  if (viewer.id === owner) return { sees: true, why: "You always see yourself." };
  const named = policy.users.get(viewer.id);
  if (named === "deny") return { sees: false, why: "You said “never” to this person." };
  if (named === "allow") return { sees: true, why: "You said “always” to this person." };
  if (policy.deniedServers.has(serverOf(viewer.id))) return { sees: false, why: "You share with nobody of that server." };
  if (viewer.rooms.some((room) => policy.rooms.has(room) && viewer.suggests(room))) {
    return { sees: true, why: "You share in a room that you are both in." };
  }
  const isLocal = serverOf(viewer.id) === serverOf(owner);
  const sharesRoom = viewer.rooms.some((room) => isLocal || !viewer.isPublic(room));
  if (policy.sharesLocally && isLocal && sharesRoom) return { sees: true, why: "You share a room, and both are on this server." };
  switch (policy.byDefault) {
    case "everyone": return { sees: true, why: "You share with everyone." };
    case "shared_rooms": return sharesRoom
      ? { sees: true, why: "You share a room." }
      : { sees: false, why: "You share no room." };
    case "local": return isLocal
      ? { sees: true, why: "You share with everyone on this server." }
      : { sees: false, why: "You share with people on this server alone." };
    case "nobody": return { sees: false, why: "You share with nobody whom you did not name." };
    default: return sharesRoom
      ? { sees: true, why: "The operator decides; unless that was changed, people in your rooms see you.", isGuess: true }
      : { sees: false, why: "The operator decides; unless that was changed, only people in your rooms see you.", isGuess: true };
  }
}
