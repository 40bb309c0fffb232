// One's own presence: what it is and why, and what one chooses.

import { HEARTH } from "./api.js";
import { byId, element, setClass, setText } from "./dom.js";
import { showStatus } from "./row.js";
import { tame } from "./text.js";
import { ago, chosenEnd, fillEnds, followCustom } from "./when.js";
import { claim, dotClass, hider, presenceName, reason, sourceName } from "./words.js";

/// What the user chose, as account data (MSC4532).
const PERSISTENT = "m.presence.persistent";

/// Not more often than this, in ms: after news of one's own, and after any news, since devices come and go without telling.
const AFTER_OWN = 500;
const AFTER_ANY = 10_000;

export class OwnPresence {
  #timer = 0;
  #planned = 0;
  #lastLook = 0;
  #isBusy = false;

  constructor(api, session, { avatars, own, trouble }) {
    Object.assign(this, { api, session, avatars, own, trouble });
    fillEnds(byId("choice-until"), "I change it");
    followCustom(byId("choice-until"), byId("choice-time-field"), byId("choice-time"), () => this.#endChanged());
    for (const button of byId("choices").children) {
      button.addEventListener("click", () => this.#choose(button.dataset.choice));
    }
    byId("devices").addEventListener("toggle", () => this.look());
    byId("you-id").textContent = session.userID;
    this.drawPerson();
  }

  /// Name, picture and status, as the profile room has them.
  drawPerson() {
    setText(byId("you-name"), this.own.name);
    this.avatars.show(byId("you-avatar"), this.own);
    showStatus(byId("you-status"), this.own.status);
  }

  /// Something happened: looks at one's own view, soon.
  lookSoon({ isOwn }) {
    const time = Math.max(Date.now(), this.#lastLook + (isOwn ? AFTER_OWN : AFTER_ANY));
    if (this.#timer && this.#planned <= time) return;
    clearTimeout(this.#timer);
    this.#planned = time;
    this.#timer = setTimeout(() => this.look(), time - Date.now());
  }

  async look() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#lastLook = Date.now();
    try {
      this.#draw(await this.api.request("GET", ["presence", this.session.userID, "status"], { under: HEARTH }));
    } catch (error) {
      if (error.name !== "ConnectionLost") this.trouble(error);
    }
  }

  stop() {
    clearTimeout(this.#timer);
  }

  async #choose(choice) {
    const end = choice === "automatic" ? undefined : chosenEnd(byId("choice-until"), byId("choice-time"));
    if (end === null) return this.trouble("Choose a time that is still to come.");
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#press(choice);
    const path = ["presence", this.session.userID, "status"];
    try {
      if (choice === "automatic") {
        await this.api.request("DELETE", path, { under: HEARTH });
      } else {
        // A person chose it: without this word the server takes it for what clients send on their own.
        const body = { presence: choice, "io.hearth.manual": true, ...(end && { "io.hearth.expires_ts": end }) };
        await this.api.request("PUT", path, { body });
      }
    } catch (error) {
      this.trouble(error);
    } finally {
      this.#isBusy = false;
    }
    await this.look();
  }

  /// Ends one of the choices to appear offline, and nothing else.
  async #end(choice) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      if (choice.by === "user") {
        const path = ["user", this.session.userID, "account_data", PERSISTENT];
        await this.api.request("PUT", path, { body: { ...(await this.#persistent(path)), state_override: "active" } });
      } else {
        const path = ["presence", this.session.userID, "status"];
        await this.api.request("DELETE", path, { under: HEARTH, query: { device_id: choice.device_id } });
      }
    } catch (error) {
      // It had ended already.
      if (error.status !== 404) this.trouble(error);
    } finally {
      this.#isBusy = false;
    }
    await this.look();
  }

  async #persistent(path) {
    try {
      return await this.api.request("GET", path);
    } catch (error) {
      if (error.status === 404) return {};
      throw error;
    }
  }

  /// Another end for what is chosen already.
  #endChanged() {
    const pressed = byId("choices").querySelector("[aria-pressed=true]")?.dataset.choice;
    if (pressed && pressed !== "automatic") this.#choose(pressed);
  }

  #press(choice) {
    for (const button of byId("choices").children) button.setAttribute("aria-pressed", String(button.dataset.choice === choice));
  }

  #draw(view) {
    // The buttons are the user's own choice; what devices chose is said below.
    const choices = Array.isArray(view["io.hearth.choices"]) ? view["io.hearth.choices"] : [];
    this.#press(choices.find((choice) => choice.by === "user")?.presence ?? "automatic");
    const hiders = choices.filter((choice) => choice.presence === "offline");
    byId("hiders").hidden = hiders.length === 0;
    byId("hiders").replaceChildren(...hiders.map((choice) => this.#hider(choice)));
    for (const place of ["you-dot", "tab-dot"]) setClass(byId(place), dotClass(view.presence));
    setText(byId("you-now"), `You are ${presenceName(view.presence).toLowerCase()},`);
    setText(byId("you-why"), reason(view));
    byId("device-list").replaceChildren(...(view["io.hearth.sources"] ?? []).map((source) => this.#device(source)));
  }

  #hider(choice) {
    return element(
      "li", {}, element("span", { text: hider(choice) }),
      element("button", { type: "button", className: "plain", text: "End this", on: { click: () => this.#end(choice) } }));
  }

  #device(source) {
    const isThis = source.device_id === this.session.deviceID;
    const facts = [
      claim(source), source.live ? "connected" : `last seen ${ago(source.last_contact_ts) || "long ago"}`,
      ...(source.pusher ? ["gets notifications"] : []),
    ];
    return element(
      "li", {},
      element("span", { className: dotClass(source.presence ?? null), "aria-hidden": "true" }),
      element("div", {},
        element("bdi", { className: "name", text: sourceName(source), title: tame(source.device_id, 80) }),
        ...(isThis ? [element("span", { className: "tag", text: "this page" })] : []),
        element("div", { className: "meta", text: facts.join(" · ") })));
  }
}
