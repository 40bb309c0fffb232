// Tells a screen reader what changed: a few by name, many as a sum, and never more often than one can listen.

import { byId, setText } from "./dom.js";
import { presenceName, PRESENCES } from "./words.js";

const QUIET = 5000;

/// "2 online, 1 busy": how many people there are in each group that has any.
export function summary(counts) {
  const parts = PRESENCES.filter((presence) => counts.get(presence)).map(
    (presence) => `${counts.get(presence)} ${presenceName(presence).toLowerCase()}`);
  return parts.join(", ");
}

export class Announcer {
  #shown = new Map();
  #changed = new Map();
  #timer = 0;
  #isReady = false;

  /// Called with whoever changed and the groups after each drawing.
  drawn(changed, groups) {
    this.counts = new Map([...groups].map(([presence, group]) => [presence, group.people.length]));
    setText(byId("counts"), summary(this.counts).replaceAll(", ", " · "));
    for (const person of changed) {
      const before = this.#shown.get(person);
      this.#shown.set(person, person.presence);
      if (before !== undefined && before !== person.presence) this.#changed.set(person, person.presence);
    }
    if (!this.#timer && (this.#changed.size || !this.#isReady)) this.#timer = setTimeout(() => this.#speak(), this.#isReady ? 1000 : 2000);
  }

  #speak() {
    const changes = [...this.#changed].filter(([person, presence]) => person.presence === presence);
    this.#changed.clear();
    const sum = summary(this.counts);
    let text = `Who is home: ${sum || "nobody yet"}.`;
    if (this.#isReady) {
      text = changes.length > 2
        ? `${changes.length} people changed. ${sum}.`
        : changes.map(([person, presence]) => `${person.name}: ${presenceName(presence)}.`).join(" ");
    }
    this.#isReady = true;
    if (text) byId("announcer").textContent = text;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (this.#changed.size) this.#timer = setTimeout(() => this.#speak(), 0);
    }, QUIET);
  }
}
