// "Who is home": everybody in groups by presence, by name in each. Changes are gathered and drawn once a frame; a group draws its
// first people and more as one scrolls, so that a thousand people cost no more than a screenful.

import { arrange, element, byId, setText } from "./dom.js";
import { Row } from "./row.js";
import { dotClass, presenceName, PRESENCES } from "./words.js";

const STEP = 60;
const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });
const HINTS = { null: "They were never seen, do not share their presence with you, or are ignored by you." };

class Group {
  limit = STEP;
  /// The people in it, in order.
  people = [];

  constructor(presence, list) {
    const id = `group-${presence ?? "none"}`;
    this.count = element("span", { className: "count" });
    this.rows = element("ul", { className: "rows", role: "list" });
    this.more = element("button", { className: "plain more", type: "button", on: { click: () => this.extend() } });
    this.node = element(
      "section", { className: "group", "aria-labelledby": id },
      element("h2", { id }, element("span", { className: dotClass(presence), "aria-hidden": "true" }),
        element("span", { text: presenceName(presence) }), this.count),
      ...(HINTS[presence] ? [element("p", { className: "quiet hint", text: HINTS[presence] })] : []),
      this.rows, this.more);
    this.list = list;
    this.watch = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.extend(), { rootMargin: "400px" });
    this.watch.observe(this.more);
  }

  extend() {
    if (this.limit >= this.people.length) return;
    this.limit += STEP;
    this.list.redraw();
  }

  draw(rowOf) {
    const shown = this.people.slice(0, this.limit);
    this.node.hidden = !this.people.length;
    setText(this.count, String(this.people.length));
    const left = this.people.length - shown.length;
    this.more.hidden = left <= 0;
    setText(this.more, `${left} more`);
    arrange(this.rows, shown.map((person) => rowOf(person).node));
  }
}

export class PeopleList {
  #rows = new Map();
  #dirty = new Set();
  #removed = new Set();
  #isPlanned = false;
  #needsOrder = true;
  #filter = () => true;

  constructor(people, avatars, drawn) {
    Object.assign(this, { people, avatars, drawn });
    this.groups = new Map(PRESENCES.map((presence) => [presence, new Group(presence, this)]));
    byId("groups").replaceChildren(...[...this.groups.values()].map((group) => group.node));
    this.clock = setInterval(() => this.#rows.forEach((row) => row.updateTimes()), 60_000);
  }

  /// Something of a person changed.
  touch(person, isRemoved = false) {
    this.#dirty.add(person);
    if (isRemoved) this.#removed.add(person);
    else this.#removed.delete(person);
    this.#plan();
  }

  /// Shows only those for whom `filter(person)` is true.
  show(filter) {
    this.#filter = filter;
    for (const group of this.groups.values()) group.limit = STEP;
    this.redraw();
  }

  redraw() {
    this.#needsOrder = true;
    this.#plan();
  }

  stop() {
    clearInterval(this.clock);
  }

  #plan() {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#isPlanned = false;
    const changed = [...this.#dirty];
    this.#dirty.clear();
    for (const person of this.#removed) {
      this.#rows.get(person)?.remove();
      this.#rows.delete(person);
    }
    this.#removed.clear();
    for (const person of changed) this.#note(person);
    if (this.#needsOrder) this.#order();
    this.drawn(changed, this.groups);
  }

  /// Only a name or a presence that is another one moves anybody; all else is written where it stands.
  #note(person) {
    const key = `${person.presence} ${person.name} ${this.people.has(person.id)}`;
    if (person.listKey !== key) {
      person.listKey = key;
      this.#needsOrder = true;
    }
    this.#rows.get(person)?.update();
  }

  #order() {
    this.#needsOrder = false;
    for (const group of this.groups.values()) group.people = [];
    for (const person of this.people.all()) if (this.#filter(person)) this.groups.get(person.presence).people.push(person);
    for (const group of this.groups.values()) {
      for (const person of group.people) person.sortName = person.name;
      group.people.sort((a, b) => collator.compare(a.sortName, b.sortName) || (a.id < b.id ? -1 : 1));
    }
    for (const group of this.groups.values()) group.draw((person) => this.#row(person));
    this.#dropUnused();
  }

  #row(person) {
    let row = this.#rows.get(person);
    if (!row) {
      row = new Row(person, this.avatars);
      this.#rows.set(person, row);
    }
    return row;
  }

  #dropUnused() {
    for (const [person, row] of this.#rows) {
      if (row.node.isConnected) continue;
      row.remove();
      this.#rows.delete(person);
    }
  }
}
