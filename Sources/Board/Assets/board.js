// The board: puts the parts together, and lets what the server says flow through them.

import { AdminView } from "./admin.js";
import { Announcer } from "./announcer.js";
import { Api } from "./api.js";
import { Attention } from "./attention.js";
import { AudiencePanel } from "./audience.js";
import { Avatars } from "./avatars.js";
import { byId, nextTask, setText } from "./dom.js";
import { Finding } from "./finding.js";
import { IGNORED, IgnoredPanel } from "./ignored.js";
import { PeopleList } from "./list.js";
import { LoginView } from "./login.js";
import { OwnPresence } from "./own.js";
import { Peeks } from "./peeks.js";
import { People } from "./people.js";
import { TYPE } from "./policy.js";
import { ProfileForm } from "./profile.js";
import { Rooms } from "./rooms.js";
import { dropSession, onSessionDropped, storedSession } from "./session.js";
import { StatusForm } from "./status.js";
import { SyncLoop } from "./sync.js";
import { isUserID } from "./text.js";
import { describe } from "./words.js";
import { Views } from "./views.js";

/// Account data with the people who were added by hand: the board is the same on every device.
const ADDED = "io.hearth.board";
/// How long one piece of work may keep the browser from drawing, in ms.
const SLICE = 12;

class Board {
  #added = new Set();
  #retryClock = 0;

  constructor(session, left) {
    this.session = session;
    this.left = left;
    this.api = new Api(session.token, () => this.#leave("You were logged out. Log in again."));
    this.avatars = new Avatars(this.api);
    this.rooms = new Rooms(session.userID);
    this.people = new People(session.userID, (person, { isRemoved } = {}) => this.#personChanged(person, isRemoved));
    const announcer = new Announcer();
    this.list = new PeopleList(this.people, this.avatars, (changed, groups) => {
      announcer.drawn(changed, groups);
      this.#drawEmptiness();
    });
    const trouble = (problem) => this.#trouble(problem);
    this.peeks = new Peeks(this.api, {
      refused: (user, error) => this.#refused(user, error), failed: trouble,
      overfull: (most) => this.#trouble(`The board shows the presence of ${most} people at most.`),
    });
    this.own = new OwnPresence(this.api, session, { avatars: this.avatars, own: this.people.own, trouble });
    this.profile = new ProfileForm(this.api, session, { own: this.people.own, trouble });
    this.status = new StatusForm(this.api, { roomOf: () => this.people.own.room, trouble });
    this.audience = new AudiencePanel(this.api, session, { people: this.people, rooms: this.rooms, avatars: this.avatars, trouble });
    this.ignored = new IgnoredPanel(this.api, session, { people: this.people, audience: this.audience, trouble });
    this.finding = new Finding(this.api, this.people, this.rooms, {
      filter: (predicate) => this.list.show(predicate), add: (user) => this.#add(user),
    });
    this.views = new Views();
    this.admin = new AdminView(this.api, { trouble });
    const attention = new Attention(() => this.sync.claimChanged());
    this.sync = new SyncLoop(this.api, {
      claim: () => attention.claim, answered: (answer, facts) => this.#answered(answer, facts), health: (state) => this.#health(state),
    });
    byId("logout").addEventListener("click", () => this.#logOut());
    byId("connection-retry").addEventListener("click", () => this.sync.retry());
    byId("trouble-close").addEventListener("click", () => (byId("trouble").hidden = true));
  }

  start() {
    byId("board").hidden = false;
    document.title = "Hearth: who is home";
    this.peeks.want(this.session.userID);
    this.admin.offer();
    this.sync.run();
  }

  // What the server says.

  async #answered(answer, { isFirst }) {
    let sliceEnd = performance.now() + SLICE;
    const each = async (parts, take) => {
      for (const [id, part] of Object.entries(parts ?? {})) {
        take(id, part);
        if (performance.now() < sliceEnd) continue;
        await nextTask();
        sliceEnd = performance.now() + SLICE;
      }
    };
    for (const event of answer.account_data?.events ?? []) this.#accountData(event);
    await each(answer.rooms?.join, (id, part) => this.#joined(id, part));
    const strangers = [];
    await each(answer.rooms?.peek, (id, part) => {
      if (!this.people.peeked(id, part) && isFirst) strangers.push(id);
    });
    await each(answer.rooms?.leave, (id) => this.#roomLeft(id));
    // Peeks of an earlier visit into rooms of people who are no longer on the board.
    for (const id of strangers) this.peeks.unpeek(id);
    const { join, leave } = answer.rooms ?? {};
    if (isFirst || join || leave) {
      this.finding.listRooms();
      this.audience.listPeople();
    }
    if (isFirst) this.list.redraw();
    this.own.lookSoon({ isOwn: isFirst });
  }

  #accountData({ type, content }) {
    if (type === TYPE) this.audience.take(content ?? {});
    if (type === IGNORED) this.ignored.take(content ?? {});
    if (type === ADDED) {
      this.#added = new Set(Array.isArray(content?.people) ? content.people.filter(isUserID).slice(0, 500) : []);
      this.people.setAdded(this.#added);
    }
  }

  #joined(id, part) {
    for (const user of this.rooms.joined(id, part)) {
      if (user === this.session.userID || !isUserID(user)) continue;
      const member = this.rooms.get(id).members.get(user);
      if (member) this.people.seenInRoom(user, id, member);
      else this.people.goneFromRoom(user, id);
    }
  }

  #roomLeft(id) {
    const owner = this.people.peekEnded(id);
    if (owner) this.peeks.ended(owner.id);
    for (const user of this.rooms.left(id)) if (user !== this.session.userID) this.people.goneFromRoom(user, id);
  }

  #refused(user, error) {
    const person = this.people.get(user);
    if (!person) return;
    person.isGone = error?.errcode === "M_NOT_FOUND";
    this.#personChanged(person);
  }

  #personChanged(person, isRemoved = false) {
    if (person === this.people.own) {
      this.own.drawPerson();
      this.profile.draw();
      this.own.lookSoon({ isOwn: true });
      this.audience.preview();
      return;
    }
    if (isRemoved) this.peeks.drop(person.id, person.room);
    else this.peeks.want(person.id);
    this.list.touch(person, isRemoved);
  }

  // What the user does.

  async #add(user) {
    this.people.setAdded(this.#added.add(user));
    try {
      await this.api.request("PUT", ["user", this.session.userID, "account_data", ADDED], { body: { people: [...this.#added] } });
    } catch (error) {
      this.#trouble(error);
    }
  }

  async #logOut() {
    try {
      await this.api.request("POST", ["logout"], { body: {} });
    } catch (error) {
      if (error.errcode !== "M_UNKNOWN_TOKEN") {
        // The token would live on without its owner knowing.
        return this.#trouble("You are still logged in: the server cannot be reached.");
      }
    }
    this.#leave();
  }

  #leave(message = "") {
    if (!this.left) return;
    const { left } = this;
    this.left = null;
    this.sync.stop();
    this.peeks.stop();
    this.own.stop();
    this.list.stop();
    dropSession();
    left(message);
  }

  // What the user is told.

  #drawEmptiness() {
    const isEmpty = !this.people.count;
    const isFiltered = !isEmpty && [...this.list.groups.values()].every((group) => !group.people.length);
    byId("nobody").hidden = !isEmpty && !isFiltered;
    setText(byId("nobody"), isEmpty
      ? "Nobody is here yet. People in your rooms show up by themselves; find others by name above."
      : "Nobody here has that name. People of this server whom you may add show up above.");
  }

  #health({ isLost, retryAt }) {
    clearInterval(this.#retryClock);
    byId("connection").hidden = !isLost;
    byId("board").classList.toggle("lost", isLost);
    if (!isLost) return;
    setText(byId("connection-text"), "No connection to the server. What you see may be old.");
    const count = () => {
      const left = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
      setText(byId("connection-retry"), left ? `Try now (${left} s)` : "Trying…");
    };
    this.#retryClock = setInterval(count, 1000);
    count();
  }

  #trouble(problem) {
    if (problem?.errcode === "M_UNKNOWN_TOKEN") return;
    if (problem instanceof Error && problem.name === "Error") console.error(problem);
    byId("trouble-text").textContent = typeof problem === "string" ? problem : describe(problem);
    byId("trouble").hidden = false;
  }
}

/// Whoever leaves gets a fresh page: nothing of one person is left in memory for the next.
function left(message) {
  if (message) sessionStorage.setItem("hearth.message", message);
  location.replace("/");
}

function enter(session) {
  new Board(session, left).start();
}

const session = storedSession();
if (session) {
  enter(session);
} else {
  const message = sessionStorage.getItem("hearth.message") ?? "";
  sessionStorage.removeItem("hearth.message");
  new LoginView(enter).show(message);
}
onSessionDropped(() => location.replace("/"));
