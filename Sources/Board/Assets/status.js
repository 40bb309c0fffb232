// One's own status: an emoji, a text, and when it ends.

import { byId, element } from "./dom.js";
import { byteLength } from "./text.js";
import { chosenEnd, fillEnds, followCustom } from "./when.js";

const PRESETS = [
  ["🎧", "Focusing", "1h"], ["🍽️", "Lunch", "1h"], ["🏃", "Back in a minute", "30m"], ["🏠", "Working from home", "tomorrow"],
  ["🤒", "Out sick", "tomorrow"], ["🌴", "On holiday", ""],
];
const MOST_TEXT = 256;
const MOST_EMOJI = 32;

export class StatusForm {
  /// `roomOf()` is the id of one's own profile room, null before it is known.
  constructor(api, { roomOf, trouble }) {
    Object.assign(this, { api, roomOf, trouble });
    fillEnds(byId("status-until"), "when I clear it");
    followCustom(byId("status-until"), byId("status-time-field"), byId("status-time"));
    byId("status-presets").replaceChildren(...PRESETS.map((preset) => this.#preset(preset)));
    byId("status-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#set();
    });
    byId("status-clear").addEventListener("click", () => this.#put({}, "Cleared."));
  }

  #preset([emoji, text, end]) {
    const fill = () => {
      byId("status-emoji").value = emoji;
      byId("status-text").value = text;
      byId("status-until").value = end;
      byId("status-until").dispatchEvent(new Event("change"));
    };
    return element("button", { type: "button", className: "plain", text: `${emoji} ${text}`, on: { click: fill } });
  }

  async #set() {
    const emoji = byId("status-emoji").value.trim();
    const text = byId("status-text").value.trim();
    const end = chosenEnd(byId("status-until"), byId("status-time"));
    if (!emoji && !text) return this.trouble("A status has a text or an emoji.");
    if (end === null) return this.trouble("Choose a time that is still to come.");
    if (byteLength(text) > MOST_TEXT || byteLength(emoji) > MOST_EMOJI) return this.trouble("That is too long for a status. Shorten it.");
    const content = { ...(text && { text }), ...(emoji && { emoji }), ...(end && { "io.hearth.expires_ts": end }) };
    if (await this.#put(content, "Set.")) byId("status-form").reset();
    byId("status-time-field").hidden = true;
  }

  async #put(content, done) {
    const room = this.roomOf();
    if (!room) return this.trouble("Your profile is still being loaded. Try again in a moment.");
    byId("status-note").textContent = "";
    try {
      await this.api.request("PUT", ["rooms", room, "state", "m.status"], { body: content });
      byId("status-note").textContent = done;
      return true;
    } catch (error) {
      this.trouble(error);
      return false;
    }
  }
}
