// One person in a list.

import { byId, setClass, setText } from "./dom.js";
import { Fold } from "./fold.js";
import { tame } from "./text.js";
import { ago, until } from "./when.js";
import { dotClass, presenceName } from "./words.js";

const isStill = matchMedia("(prefers-reduced-motion: reduce)");

/// Writes a status into a place that has an emoji, a text and an end. Returns whether the text is another one.
export function showStatus(place, status) {
  const wasHidden = place.hidden;
  place.hidden = !status;
  if (!status) return !wasHidden;
  const [emoji, text, end] = ["emoji", "text", "until"].map((part) => place.querySelector(`.status-${part}`));
  setText(emoji, status.emoji);
  const isAnother = text.textContent !== status.text;
  setText(text, status.text);
  setText(end, until(status.expires));
  return isAnother;
}

/// What is said beside the presence: when the person was last seen, or why nothing is shown.
function meta(person) {
  if (person.isGone) return "No such user";
  if (person.isIgnored) return "You ignore them";
  const name = presenceName(person.presence);
  if (!person.lastActive || person.presence === "online") return name;
  return `${name} · active ${ago(person.lastActive)}`;
}

export class Row {
  constructor(person, avatars) {
    this.person = person;
    this.avatars = avatars;
    this.node = byId("row-template").content.firstElementChild.cloneNode(true);
    const find = (name) => this.node.querySelector(`.${name}`);
    this.parts = Object.fromEntries(["avatar", "dot", "name", "id", "status", "meta"].map((name) => [name, find(name)]));
    this.fold = new Fold(this.node, this.node.querySelector(".status-text"), find("unfold"));
    this.update();
  }

  /// Writes what changed; a dot that is another one moves a little.
  update() {
    const { person, parts } = this;
    const presence = person.presence ?? "none";
    if (this.node.dataset.presence && this.node.dataset.presence !== presence) this.#glow();
    if (this.node.dataset.presence !== presence) this.node.dataset.presence = presence;
    setText(parts.name, person.name);
    setText(parts.id, tame(person.id, 80));
    setClass(parts.dot, dotClass(person.presence));
    if (showStatus(parts.status, person.status)) this.fold.textChanged();
    this.updateTimes();
    this.avatars.show(parts.avatar, person);
  }

  /// What changes because time goes on.
  updateTimes() {
    setText(this.parts.meta, meta(this.person));
  }

  #glow() {
    if (isStill.matches) return;
    this.parts.dot.animate([{ transform: "scale(1.9)" }, { transform: "none" }], { duration: 600, easing: "ease-out" });
  }

  remove() {
    this.avatars.forget(this.parts.avatar);
    this.fold.remove();
    this.node.remove();
  }
}
