// Who may see one's presence and status, and how that looks to them.

import { byId, element } from "./dom.js";
import { decide, readPolicy, TYPE } from "./policy.js";
import { Row } from "./row.js";
import { isUserID, serverOf, tame } from "./text.js";

/// A policy with some keys changed; undefined takes a key away.
function merged(content, changes) {
  return Object.fromEntries(Object.entries({ ...content, ...changes }).filter(([, value]) => value !== undefined));
}

export class AudiencePanel {
  #content = {};
  /// What was chosen and not yet saved: who moves through the choices with the keyboard shows nobody anything on the way.
  #draft = null;
  #row = null;

  constructor(api, session, { people, rooms, avatars, trouble }) {
    Object.assign(this, { api, session, people, rooms, avatars, trouble });
    byId("audience-default").addEventListener("change", (event) => this.#chooseDefault(event.target.value));
    byId("audience-local").addEventListener("change", (event) => this.#choose({ share_locally: event.target.checked || undefined }));
    byId("audience-save").addEventListener("click", () => this.#save(this.#draft));
    byId("audience-undo").addEventListener("click", () => this.#choose(null));
    byId("exception-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#name(byId("exception-user").value.trim(), event.submitter?.value ?? "allow");
    });
    byId("preview-as").addEventListener("change", () => this.preview());
    this.#draw();
  }

  /// Account data came: the policy as the server has it.
  take(content) {
    this.#content = content;
    this.#draw();
  }

  /// The policy on the page: what is saved, or what is about to be.
  get #policy() {
    return readPolicy(merged(this.#content, this.#draft));
  }

  #chooseDefault(value) {
    const changes = { "io.hearth.default": value || undefined };
    if (!value) changes.share_locally = undefined;
    if (!value && !Object.keys(this.#users).length) changes.users = undefined;
    if (!value && readPolicy(merged(this.#content, changes)).byDefault !== null) {
      this.trouble("As long as somebody is named below, say yourself what everyone else sees.");
      return this.#draw();
    }
    this.#choose(changes);
  }

  #choose(changes) {
    this.#draft = changes && { ...this.#draft, ...changes };
    byId("audience-note").textContent = "";
    this.#draw();
  }

  #name(user, verdict) {
    if (!isUserID(user)) return this.trouble("A user id looks like @name:server.");
    if (user === this.session.userID) return this.trouble("That is you.");
    if (readPolicy(this.#content).byDefault === null) {
      // A named person without a default would mean "nobody else": not something to happen in passing.
      return this.trouble("First choose and save who else sees you, above.");
    }
    byId("exception-form").reset();
    this.#save({ users: { ...this.#users, [user]: verdict } });
  }

  /// Says "never" to somebody; false where that could not be.
  hideFrom(user) {
    if (readPolicy(this.#content).byDefault === null) {
      this.trouble("To hide from them as well, first choose and save who else sees you, above.");
      return false;
    }
    return this.#save({ users: { ...this.#users, [user]: "deny" } });
  }

  get #users() {
    const { users } = this.#content;
    return typeof users === "object" && users !== null && !Array.isArray(users) ? users : {};
  }

  #unname(user) {
    const users = { ...this.#users };
    delete users[user];
    // Empty, but there: a policy of nothing but names shares with nobody else, and forgetting the last one must not widen it.
    this.#save({ users });
  }

  /// Writes the policy with some keys changed; those that other clients set stay. Returns whether that was done.
  async #save(changes) {
    const content = merged(this.#content, changes);
    byId("audience-note").textContent = "";
    try {
      await this.api.request("PUT", ["user", this.session.userID, "account_data", TYPE], { body: content });
      this.#content = content;
      if (changes === this.#draft) this.#draft = null;
      byId("audience-note").textContent = "Saved. It holds at once.";
      return true;
    } catch (error) {
      this.trouble(error);
      return false;
    } finally {
      this.#draw();
    }
  }

  #draw() {
    const policy = this.#policy;
    for (const input of byId("audience-default").querySelectorAll("input")) input.checked = input.value === (policy.byDefault ?? "");
    byId("audience-local").checked = policy.sharesLocally;
    byId("audience-save-line").hidden = !this.#draft;
    // Everywhere else these people are in anyway.
    byId("audience-local-field").hidden = policy.byDefault !== "nobody";
    const rows = [...policy.users].sort(([a], [b]) => (a < b ? -1 : 1)).map(([user, verdict]) => this.#exception(user, verdict));
    byId("exceptions").replaceChildren(...rows);
    this.listPeople();
  }

  #exception(user, verdict) {
    const remove = element("button", {
      type: "button", className: "plain", text: "✕", "aria-label": `Forget what was said of ${tame(user, 80)}`, on: { click: () => this.#unname(user) },
    });
    return element(
      "li", { className: verdict },
      element("span", { className: "tag", text: verdict === "allow" ? "Always" : "Never" }),
      element("bdi", { className: "name", text: tame(user, 80) }), remove);
  }

  /// Offers the people of the board to be named and to be looked through.
  listPeople() {
    const select = byId("preview-as");
    const chosen = select.value;
    const people = [...this.people.all()].slice(0, 200);
    const label = (person) => `${person.name} (${tame(person.id, 60)})`;
    select.replaceChildren(
      new Option("somebody in one of my rooms", "room"), new Option("a stranger on this server", "stranger"),
      ...(this.#policy.users.size ? [] : [new Option("somebody whom I said “never” to", "denied")]),
      ...[...this.#policy.users].slice(0, 50).map(([user, verdict]) =>
        new Option(`${tame(user, 60)}, whom I said “${verdict === "allow" ? "always" : "never"}” to`, user)),
      ...people.filter((person) => !this.#policy.users.has(person.id)).map((person) => new Option(label(person), person.id)));
    select.value = chosen;
    if (!select.value) select.value = "room";
    byId("known-people").replaceChildren(...people.map((person) => new Option(person.name, person.id)));
    this.preview();
  }

  /// One's own row as the chosen viewer has it: computed by the rule that the server follows.
  preview() {
    const as = byId("preview-as").value;
    const policy = this.#policy;
    const verdict = as === "denied" ? { sees: false, why: "You said “never” to this person." }
      : decide(policy, this.session.userID, this.#viewer(as));
    const { own } = this.people;
    const shown = Object.create(own, {
      presence: { value: verdict.sees ? own.presence : null }, status: { value: verdict.sees ? own.status : null },
      lastActive: { value: verdict.sees ? own.lastActive : null },
    });
    this.#row?.remove();
    this.#row = new Row(shown, this.avatars);
    byId("preview").replaceChildren(element("ul", { role: "list" }, this.#row.node));
    byId("preview-why").textContent = verdict.why;
  }

  #viewer(as) {
    const server = serverOf(this.session.userID);
    const facts = {
      isPublic: (room) => this.rooms.get(room)?.isPublic ?? false, suggests: (room) => this.rooms.get(room)?.suggestsSharing ?? false,
    };
    if (as === "stranger") return { id: `@:${server}`, rooms: [], ...facts };
    if (as === "room") return { id: `@:${server}`, rooms: ["a room"], ...facts };
    return { id: as, rooms: [...(this.people.get(as)?.rooms ?? [])], ...facts };
  }
}
