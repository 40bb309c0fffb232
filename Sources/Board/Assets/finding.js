// The search field: filters the list at once, and offers people of the server who are not on the board yet.

import { byId, element } from "./dom.js";
import { initials, hue, isUserID, serverOf, tame } from "./text.js";

const PAUSE = 300;

export class Finding {
  #timer = 0;
  #hasDirectory = true;
  #asked = 0;

  /// `filter(predicate)` narrows the list, `add(userID)` puts somebody on the board.
  constructor(api, people, rooms, { filter, add }) {
    Object.assign(this, { api, people, rooms, filter, add });
    byId("search").addEventListener("input", () => this.#changed());
    byId("room-filter").addEventListener("change", () => this.#changed());
  }

  /// Offers the rooms there are now, and keeps the choice.
  listRooms() {
    const select = byId("room-filter");
    const chosen = select.value;
    const rooms = [...this.rooms.ids()].map((id) => [this.rooms.title(id), id]).sort(([a], [b]) => a.localeCompare(b));
    select.replaceChildren(new Option("All rooms", ""), ...rooms.map(([title, id]) => new Option(title, id)));
    select.value = this.rooms.has(chosen) ? chosen : "";
    select.hidden = rooms.length < 2;
    if (select.value !== chosen) this.#changed();
  }

  #changed() {
    const text = byId("search").value.trim().toLowerCase();
    const room = byId("room-filter").value;
    this.filter((person) =>
      (!room || person.rooms.has(room))
      && (!text || person.name.toLowerCase().includes(text) || person.id.toLowerCase().includes(text)
        || Boolean(person.status?.text.toLowerCase().includes(text))));
    clearTimeout(this.#timer);
    this.#asked += 1;
    if (text.length < 2) this.#offer([]);
    else this.#timer = setTimeout(() => this.#lookUp(byId("search").value.trim(), this.#asked), PAUSE);
  }

  async #lookUp(text, number) {
    const found = new Map();
    const typed = text.startsWith("@") ? text : `@${text}`;
    const full = typed.includes(":") ? typed : `${typed}:${serverOf(this.people.own.id)}`;
    for (const user of await this.#directory(text)) found.set(user.user_id, tame(user.display_name));
    // Whoever types an id, or all of a name, means a user, known to the directory or not.
    if (isUserID(full) && !found.has(full) && await this.#exists(full)) found.set(full, "");
    if (number !== this.#asked) return;
    this.#offer([...found].filter(([id]) => isUserID(id) && !this.people.get(id)).slice(0, 10));
  }

  /// https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3user_directorysearch
  async #directory(text) {
    if (!this.#hasDirectory) return [];
    try {
      const answer = await this.api.request("POST", ["user_directory", "search"], { body: { search_term: text, limit: 10 } });
      return Array.isArray(answer.results) ? answer.results : [];
    } catch (error) {
      if (error.errcode === "M_UNRECOGNIZED") this.#hasDirectory = false;
      return [];
    }
  }

  /// https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3profileuserid
  async #exists(userID) {
    try {
      await this.api.request("GET", ["profile", userID]);
      return true;
    } catch {
      return false;
    }
  }

  #offer(users) {
    byId("found").hidden = !users.length;
    byId("found-list").replaceChildren(...users.map(([id, name]) => {
      const shown = name || tame(id, 80);
      const button = element("button", { type: "button", text: "Add", "aria-label": `Add ${shown}` });
      const item = element(
        "li", { className: "person" },
        element("span", { className: "portrait", "aria-hidden": "true" }, element("span", { className: `avatar hue-${hue(id)}`, text: initials(shown) })),
        element("div", { className: "who" }, element("bdi", { className: "name", text: shown }), element("bdi", { className: "id", text: tame(id, 80) })),
        button);
      button.addEventListener("click", () => {
        item.remove();
        if (!byId("found-list").firstChild) byId("found").hidden = true;
        byId("search").focus();
        this.add(id);
      });
      return item;
    }));
  }
}
