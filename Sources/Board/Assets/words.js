// What the server says, in people's words.

import { tame } from "./text.js";
import { until } from "./when.js";

/// In the order in which people are shown; `null` is one whose presence is not known.
export const PRESENCES = ["online", "busy", "unavailable", "offline", null];

const NAMES = { online: "Online", busy: "Busy", unavailable: "Away", offline: "Offline" };

/// What m.presence may hold; anything else that is there counts as unavailable.
export function readPresence(value) {
  if (value === undefined || value === null) return null;
  return Object.hasOwn(NAMES, value) ? value : "unavailable";
}

export const presenceName = (presence) => NAMES[presence] ?? "Not shown";
export const dotClass = (presence) => `dot dot-${presence ?? "none"}`;

const ERRORS = {
  M_FORBIDDEN: "The server does not allow that.",
  M_LIMIT_EXCEEDED: "That was too often. Wait a moment, then try again.",
  M_UNKNOWN_TOKEN: "You were logged out. Log in again.",
  M_MISSING_TOKEN: "You were logged out. Log in again.",
  M_USER_DEACTIVATED: "This account was closed.",
  M_USER_IN_USE: "Somebody has this name already. Choose another.",
  M_INVALID_USERNAME: "A user name has small letters, digits and . _ = - / + only.",
  M_EXCLUSIVE: "This name is reserved. Choose another.",
  M_WEAK_PASSWORD: "This password is too weak. Choose a longer one.",
  M_TOO_LARGE: "That is too long for a status. Shorten it.",
  M_PROFILE_TOO_LARGE: "Your profile is full.",
  M_NOT_FOUND: "The server does not know that.",
  M_UNRECOGNIZED: "This server does not offer that.",
};

/// A failed request in a sentence.
export function describe(error) {
  if (error.name === "ConnectionLost") return "The server cannot be reached.";
  if (error.name !== "MatrixError") return "Something went wrong on this page. Reload it if that happens again.";
  if (error.errcode === "M_LIMIT_EXCEEDED" && error.retryAfter > 2000) {
    return `That was too often. Try again in ${Math.ceil(error.retryAfter / 1000)} s.`;
  }
  if (error.status >= 500) return "The server has trouble of its own. Try again in a while.";
  return ERRORS[error.errcode] ?? (tame(error.text, 200) || `The server refused (${error.status}).`);
}

export const sourceName = (source) => tame(source.display_name, 60) || tame(source.device_id, 60) || "a device";

function list(names) {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

/// Whose a choice is: "you", or the device's name.
const chooser = (choice) => (choice.by === "user" ? "you" : sourceName(choice));

/// A choice to appear offline, as a sentence.
export function hider(choice) {
  const end = until(choice.expires_ts);
  return choice.by === "user"
    ? `You chose to appear offline${end ? `, ${end}` : ""}.`
    : `${sourceName(choice)} makes you appear offline.`;
}

/// Why one's effective presence is what it is: the rule that decided, with the devices that it speaks of.
export function reason(view) {
  const manual = view["io.hearth.manual"];
  const sources = Array.isArray(view["io.hearth.sources"]) ? view["io.hearth.sources"] : [];
  const saying = (presence) => sources.filter((source) => source.presence === presence).map(sourceName);
  const end = manual ? until(manual.expires_ts) : "";
  const chosen = manual?.by === "away"
    ? `nobody looks at ${chooser(manual)}`
    : `${manual ? chooser(manual) : "you"} chose this${end ? `, ${end}` : ""}`;
  switch (view["io.hearth.reason"]) {
    case "manual_offline": return `because ${chosen}. To others you look as if you had logged out.`;
    case "unreachable": return manual
      ? "because none of your devices can be reached, whatever you chose."
      : "because none of your devices can be reached.";
    case "busy": {
      const calls = saying("busy");
      if (!calls.length) return `because ${chosen}.`;
      const call = `because ${list(calls)} ${calls.length > 1 ? "are" : "is"} on a call`;
      return manual?.presence === "busy" ? `${call}, and ${chosen}.` : `${call}.`;
    }
    case "call": return "because you are on a call.";
    case "manual_unavailable": return `because ${chosen}.`;
    case "online": {
      const used = saying("online");
      return used.length ? `because ${list(used)} ${used.length > 1 ? "are" : "is"} in use.` : "because a device is in use.";
    }
    case "reachable": return "because your devices can be reached, but nobody seems to use them.";
    default: return "";
  }
}

/// What one device says, in words.
export function claim(source) {
  switch (source.presence) {
    case "busy": return "on a call";
    case "online": return source.explicit ? "in use" : "seems to be in use";
    case "unavailable": return "nobody is looking";
    default: return "says nothing";
  }
}
