// The rooms that one has joined, as far as they say who the people are.

import { tame } from "./text.js";

const HINTS = ["m.room.presence_sharing", "org.continuwuity.presence_v2.msc4495.room.presence_sharing"];

class Room {
  name = "";
  alias = "";
  isPublic = false;
  hints = new Map();
  /// User id to what the room says of the user.
  members = new Map();

  get suggestsSharing() {
    const hint = HINTS.map((type) => this.hints.get(type)).find((content) => content && Object.keys(content).length);
    return hint?.presence_sharing === "suggest";
  }
}

export class Rooms {
  #rooms = new Map();

  constructor(ownID) {
    this.ownID = ownID;
  }

  has = (id) => this.#rooms.has(id);
  get = (id) => this.#rooms.get(id);
  ids = () => this.#rooms.keys();

  /// Takes a room of `rooms.join`; returns the users whose membership or name in it may have changed.
  joined(id, part) {
    if (!this.#rooms.has(id)) this.#rooms.set(id, new Room());
    const room = this.#rooms.get(id);
    const touched = new Set();
    for (const event of [...(part.state?.events ?? []), ...(part.timeline?.events ?? [])]) {
      if (typeof event.state_key === "string") this.#take(room, event, touched);
    }
    return touched;
  }

  /// Forgets a room that was left; returns who was in it.
  left(id) {
    const users = new Set(this.#rooms.get(id)?.members.keys() ?? []);
    this.#rooms.delete(id);
    return users;
  }

  #take(room, event, touched) {
    const content = event.content ?? {};
    switch (event.type) {
      case "m.room.member": {
        const user = event.state_key;
        if (content.membership === "join") {
          room.members.set(user, { name: tame(content.displayname), avatar: content.avatar_url });
        } else {
          room.members.delete(user);
        }
        touched.add(user);
        break;
      }
      case "m.room.name": room.name = tame(content.name, 80); break;
      case "m.room.canonical_alias": room.alias = tame(content.alias, 80); break;
      case "m.room.join_rules": room.isPublic = content.join_rule === "public"; break;
      default: if (HINTS.includes(event.type)) room.hints.set(event.type, content);
    }
  }

  /// What to call a room: its name, its alias, or who else is in it.
  title(id) {
    const room = this.#rooms.get(id);
    if (room.name || room.alias) return room.name || room.alias;
    const others = [...room.members].filter(([user]) => user !== this.ownID).map(([user, { name }]) => name || tame(user, 60));
    if (!others.length) return "Just you";
    return others.slice(0, 2).join(", ") + (others.length > 2 ? ` and ${others.length - 2} more` : "");
  }
}
