// Whom one ignores: no device of one's own gets their messages, invitations and presence any more. In the same step they lose one's own.

import { byId, element } from "./dom.js";
import { isUserID, tame } from "./text.js";

export const IGNORED = "m.ignored_user_list";

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/// https://spec.matrix.org/v1.16/client-server-api/#ignoring-users
export class IgnoredPanel {
  #content = {};

  constructor(api, session, { people, audience, trouble }) {
    Object.assign(this, { api, session, people, audience, trouble });
    byId("ignore-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ignore(byId("ignore-user").value.trim());
    });
    this.#draw();
  }

  /// Account data came: the list as the server has it.
  take(content) {
    this.#content = content;
    this.#draw();
  }

  get #entries() {
    return isObject(this.#content.ignored_users) ? this.#content.ignored_users : {};
  }

  /// Read as the server reads it: an entry of the wrong shape ignores nobody.
  get #users() {
    return Object.keys(this.#entries).filter((user) => isUserID(user) && isObject(this.#entries[user]) && user !== this.session.userID);
  }

  async #ignore(user) {
    if (!isUserID(user)) return this.trouble("A user id looks like @name:server.");
    if (user === this.session.userID) return this.trouble("That is you.");
    // To be hidden comes first: whoever is ignored and still sees one is the worse half.
    if (byId("ignore-hide").checked && !(await this.audience.hideFrom(user))) return;
    if (await this.#save({ ...this.#entries, [user]: {} })) byId("ignore-form").reset();
  }

  #forget(user) {
    const entries = { ...this.#entries };
    delete entries[user];
    this.#save(entries);
  }

  /// Writes the list; what other clients wrote beside it stays.
  async #save(entries) {
    const content = { ...this.#content, ignored_users: entries };
    try {
      await this.api.request("PUT", ["user", this.session.userID, "account_data", IGNORED], { body: content });
      this.#content = content;
      return true;
    } catch (error) {
      this.trouble(error);
      return false;
    } finally {
      this.#draw();
    }
  }

  #draw() {
    const users = this.#users.sort();
    byId("ignored").replaceChildren(...users.map((user) => this.#row(user)));
    this.people.setIgnored(new Set(users));
  }

  #row(user) {
    const stop = element("button", {
      type: "button", className: "plain", text: "✕", "aria-label": `Stop ignoring ${tame(user, 80)}`, on: { click: () => this.#forget(user) },
    });
    return element(
      "li", { className: "deny" }, element("span", { className: "tag", text: "Ignored" }),
      element("bdi", { className: "name", text: tame(user, 80), title: tame(user, 255) }), stop);
  }
}
