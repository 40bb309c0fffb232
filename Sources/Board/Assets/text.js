// Names, statuses and room names are written by others, and some of them mean harm.

/// What turns the direction of text around, hides in it, or breaks its line: control characters and the explicit bidirectional
/// ones. Letters of right-to-left scripts stay, in an isolated element.
const UNWELCOME = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/// More than four marks upon one letter climb over the lines above.
const TOO_MANY_MARKS = /(\p{M}{4})\p{M}+/gu;

/// Text that is fit to show, of `most` characters at most; "" for what is no text.
export function tame(value, most = 120) {
  if (typeof value !== "string") return "";
  const text = value
    .slice(0, most * 8)
    .replace(UNWELCOME, " ")
    .replace(LONE_SURROGATE, "\ufffd")
    .replace(TOO_MANY_MARKS, "$1")
    .replace(/\s+/g, " ")
    .trim();
  const characters = Array.from(text);
  return characters.length > most ? characters.slice(0, most - 1).join("") + "…" : text;
}

/// One emoji, or as much of a word as stands in its place.
export const tameEmoji = (value) => tame(value, 8);

/// The bytes that a text has on the wire.
export const byteLength = (text) => new TextEncoder().encode(text).length;

const USER_ID = /^@[\x21-\x39\x3b-\x7e]{1,200}:[A-Za-z0-9.\-:[\]]{1,230}$/;

/// Whether this has the form of a user id.
export const isUserID = (text) => typeof text === "string" && text.length <= 255 && USER_ID.test(text);

export const serverOf = (userID) => userID.slice(userID.indexOf(":") + 1);
export const localpartOf = (userID) => userID.slice(1, userID.indexOf(":"));

/// Up to two letters for a person without a picture.
export function initials(name) {
  const words = name.replace(/^@/, "").split(/[\s._-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = words.map((word) => Array.from(word).find((letter) => /[\p{L}\p{N}]/u.test(letter)));
  return (letters.length > 1 ? letters[0] + letters[letters.length - 1] : letters[0] ?? "?").toUpperCase();
}

/// A number from 0 to 7 that is always the same for a text: the colour of somebody without a picture.
export function hue(text) {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)) % 99991;
  return sum % 8;
}
