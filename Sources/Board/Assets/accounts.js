// The operator's accounts: found by name, and for each why it is shown as it is.

import { ADMIN } from "./api.js";
import { byId, element } from "./dom.js";
import { tame } from "./text.js";
import { ago } from "./when.js";
import { claim, describe, dotClass, presenceName, readPresence, reason, sourceName } from "./words.js";

const PAGE = 50;
const CAUSES = {
  put: "set by hand", clear: "choice cleared", sync: "a sync began or ended", activity: "activity", logout: "logged out", time: "a time was over",
  deactivation: "the account ended",
};

/// When an account was last in contact, whatever it shows to others.
const seen = (user) => (user.last_seen_ts ? `seen ${ago(user.last_seen_ts)}` : "never seen");

export class Accounts {
  #timer = 0;
  #asked = 0;

  constructor(api, { trouble }) {
    Object.assign(this, { api, trouble });
    byId("account-search").addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.look(), 300);
    });
  }

  look() {
    byId("account-list").replaceChildren();
    return this.#page();
  }

  async #page(from) {
    const number = ++this.#asked;
    const search = byId("account-search").value.trim();
    const query = { limit: PAGE, ...(search && { search }), ...(from && { from }) };
    try {
      const answer = await this.api.request("GET", ["users"], { under: ADMIN, query });
      if (number !== this.#asked) return;
      byId("account-list").append(...answer.users.map((user) => this.#item(user)));
      const more = byId("account-more");
      more.hidden = !answer.next;
      more.onclick = () => this.#page(answer.next);
    } catch (error) {
      this.trouble(error);
    }
  }

  #item(user) {
    const facts = [
      `${user.device_count} ${user.device_count === 1 ? "device" : "devices"}`,
      seen(user), `made ${ago(user.created_ts)}`,
    ];
    const body = element("div", { className: "account-body" });
    const details = element(
      "details", {},
      element("summary", {},
        element("span", { className: dotClass(user.deactivated ? null : readPresence(user.presence)), "aria-hidden": "true" }),
        element("bdi", { className: "name", text: tame(user.user_id, 120) }),
        ...(user.admin ? [element("span", { className: "tag", text: "administrator" })] : []),
        ...(user.deactivated ? [element("span", { className: "tag", text: "ended" })] : []),
        element("span", { className: "quiet", text: facts.join(" · ") })),
      body);
    details.addEventListener("toggle", () => details.open && this.#open(user, details, body));
    return element("li", {}, details);
  }

  async #open(user, details, body) {
    try {
      const why = await this.api.request("GET", ["users", user.user_id, "presence", "why"], { under: ADMIN });
      body.replaceChildren(...this.#why(why));
    } catch (error) {
      body.replaceChildren(element("p", { className: "quiet", text: error.errcode === "M_NOT_FOUND" ? "There is no presence of this account." : describe(error) }));
    }
    if (!user.deactivated) body.append(this.#actions(user, details));
  }

  /// The user's own view, in the third person's company: what it is, what the devices say, what changed.
  #why(why) {
    const waits = why.published && why.published !== why.presence ? ` Others still see “${presenceName(readPresence(why.published)).toLowerCase()}”.` : "";
    const time = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });
    const changes = (why.changes ?? []).map((change) => {
      const device = change.device_id ? `, on ${sourceName(change)}` : "";
      return element("li", {},
        element("span", { className: dotClass(readPresence(change.presence)), "aria-hidden": "true" }),
        element("span", { text: `${presenceName(readPresence(change.presence))}: ${CAUSES[change.cause] ?? "something happened"}${device}` }),
        element("span", { className: "quiet", text: time.format(change.ts) }));
    });
    return [
      element("p", { text: `${presenceName(readPresence(why.presence))}, as this user reads it: “${reason(why)}”${waits}` }),
      element("ul", { className: "devices", role: "list" }, ...(why["io.hearth.sources"] ?? []).map((source) => element(
        "li", {}, element("span", { className: dotClass(source.presence ?? null), "aria-hidden": "true" }),
        element("bdi", { text: sourceName(source) }),
        element("span", { className: "quiet", text: `${claim(source)} · ${source.live ? "connected" : `last seen ${ago(source.last_contact_ts)}`}` })))),
      element("h3", { text: "Last changes" }),
      changes.length ? element("ul", { className: "devices", role: "list" }, ...changes) : element("p", { className: "quiet", text: "None since the start, or none that is kept." }),
    ];
  }

  #actions(user, details) {
    const password = element("input", { type: "password", autocomplete: "new-password", maxlength: "512", placeholder: "a new password", required: "", "aria-label": "New password" });
    const name = element("input", { autocomplete: "username", value: user.user_id, hidden: "" });
    const reset = element("form", { className: "exception" }, name, password, element("button", { type: "submit", text: "Set it, log out everywhere" }));
    reset.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#act(user, "reset_password", { new_password: password.value, logout_devices: true }, details);
    });
    const typed = element("input", { autocomplete: "off", spellcheck: "false", required: "", "aria-label": "User id, to confirm", placeholder: "type the user id to confirm" });
    const end = element("form", { className: "exception" }, typed, element("button", { type: "submit", text: "End this account" }));
    end.addEventListener("submit", (event) => {
      event.preventDefault();
      if (typed.value.trim() !== user.user_id) return this.trouble("That is not this account's user id. Nothing was done.");
      this.#act(user, "deactivate", {}, details);
    });
    return element("div", { className: "account-actions" }, reset, end);
  }

  async #act(user, action, body, details) {
    try {
      await this.api.request("POST", ["users", user.user_id, action], { under: ADMIN, body });
      details.open = false;
      await this.look();
    } catch (error) {
      this.trouble(error);
    }
  }
}
