// Everybody on the board: members of one's rooms and whoever was added by hand, with what their profile rooms say.

import { localpartOf, serverOf, tame, tameEmoji } from "./text.js";
import { isTimestamp } from "./when.js";
import { readPresence } from "./words.js";

export class Person {
  /// From `m.profile`; null until that was seen.
  profileName = null;
  profileAvatar = null;
  /// From a room that is shared: what there is until the profile came.
  memberName = "";
  memberAvatar = null;
  presence = null;
  lastActive = null;
  status = null;
  /// The profile room, once its state came.
  room = null;
  /// The ids of the rooms that are shared.
  rooms = new Set();
  isAdded = false;
  isIgnored = false;
  /// The server says that there is no such user.
  isGone = false;

  constructor(id) {
    this.id = id;
    this.localpart = tame(localpartOf(id));
  }

  get name() {
    return (this.profileName === null ? this.memberName : this.profileName) || this.localpart;
  }

  get avatar() {
    return this.profileName === null ? this.memberAvatar : this.profileAvatar;
  }

  /// Takes one state event of the profile room.
  take(event) {
    const content = event.content ?? {};
    switch (event.type) {
      case "m.profile":
        this.profileName = tame(content.displayname);
        this.profileAvatar = content.avatar_url;
        break;
      case "m.presence":
        this.presence = readPresence(content.presence);
        this.lastActive = isTimestamp(content.last_active_ts) ? content.last_active_ts : null;
        break;
      case "m.status": {
        const [text, emoji] = [tame(content.text, 256), tameEmoji(content.emoji)];
        this.status = text || emoji ? { text, emoji, expires: content["io.hearth.expires_ts"] } : null;
        break;
      }
    }
  }

  /// Forgets what only the audience sees.
  hide() {
    this.presence = this.lastActive = this.status = null;
  }
}

/// Whom a profile room speaks of, if the server's own user made it; null for anything else.
function ownerOf(part) {
  const create = part.state?.events?.find((event) => event.type === "m.room.create");
  const owner = create?.content?.["io.hearth.owner"];
  if (create?.content?.type !== "m.profile" || typeof owner !== "string") return null;
  return create.sender === `@_hearth:${serverOf(owner)}` ? owner : null;
}

export class People {
  #people = new Map();
  #ignored = new Set();
  #byRoom = new Map();

  /// `changed(person)` is called whenever something of a person may look otherwise, `{isRemoved}` when the person is to vanish.
  constructor(ownID, changed) {
    this.own = new Person(ownID);
    this.changed = changed;
  }

  get = (id) => (id === this.own.id ? this.own : this.#people.get(id));
  has = (id) => this.#people.has(id);
  all = () => this.#people.values();
  get count() {
    return this.#people.size;
  }

  /// Somebody is in a room, or has another name there.
  seenInRoom(id, room, { name, avatar }) {
    const person = this.#make(id);
    person.rooms.add(room);
    if (name) person.memberName = name;
    if (avatar) person.memberAvatar = avatar;
    this.changed(person);
  }

  goneFromRoom(id, room) {
    const person = this.get(id);
    if (!person) return;
    person.rooms.delete(room);
    this.#dropIfUnwanted(person);
  }

  /// Those whom the user added by hand; whoever is no longer among them and shares no room goes.
  setAdded(ids) {
    for (const id of ids) {
      if (id === this.own.id) continue;
      const person = this.#make(id);
      if (!person.isAdded) {
        person.isAdded = true;
        this.changed(person);
      }
    }
    for (const person of [...this.all()]) {
      if (!person.isAdded || ids.has(person.id)) continue;
      person.isAdded = false;
      this.#dropIfUnwanted(person);
    }
  }

  /// Those whom the user ignores.
  setIgnored(ids) {
    this.#ignored = ids;
    for (const person of this.all()) {
      if (person.isIgnored === ids.has(person.id)) continue;
      person.isIgnored = !person.isIgnored;
      this.changed(person);
    }
  }

  #make(id) {
    let person = this.get(id);
    if (!person) {
      person = new Person(id);
      person.isIgnored = this.#ignored.has(id);
      this.#people.set(id, person);
    }
    return person;
  }

  #dropIfUnwanted(person) {
    if (person === this.own || person.isAdded || person.rooms.size) return this.changed(person);
    this.#people.delete(person.id);
    this.changed(person, { isRemoved: true });
  }

  /// Takes a room of `rooms.peek`. False when it is nobody's whom the board shows.
  peeked(roomID, part) {
    const isWhole = part.state?.events?.some((event) => event.type === "m.room.create");
    const person = isWhole ? this.get(ownerOf(part)) : this.get(this.#byRoom.get(roomID));
    if (!person) return false;
    if (isWhole) {
      person.hide();
      person.room = roomID;
      person.isGone = false;
      this.#byRoom.set(roomID, person.id);
    }
    for (const event of [...(part.state?.events ?? []), ...(part.timeline?.events ?? [])]) {
      if (event.state_key === "") person.take(event);
    }
    this.changed(person);
    return true;
  }

  /// A peek ended: sight was lost, or time was up. Returns whose it was.
  peekEnded(roomID) {
    const person = this.get(this.#byRoom.get(roomID));
    this.#byRoom.delete(roomID);
    if (!person) return null;
    person.room = null;
    person.hide();
    this.changed(person);
    return person;
  }
}
