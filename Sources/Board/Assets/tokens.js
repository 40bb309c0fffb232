// The operator's registration tokens: handed out, counted, made void.

import { ADMIN } from "./api.js";
import { byId, element } from "./dom.js";
import { tame } from "./text.js";
import { until } from "./when.js";

const DAY = 86_400_000;

export class Tokens {
  constructor(api, { trouble }) {
    Object.assign(this, { api, trouble });
    byId("token-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#make();
    });
  }

  async look() {
    try {
      const answer = await this.api.request("GET", ["registration_tokens"], { under: ADMIN });
      const tokens = answer.registration_tokens ?? [];
      byId("token-list").replaceChildren(...tokens.map((token) => this.#item(token)));
    } catch (error) {
      this.trouble(error);
    }
  }

  #item(token) {
    const uses = token.uses_allowed === undefined ? `${token.uses_completed} used` : `${token.uses_completed} of ${token.uses_allowed} used`;
    const remove = element("button", {
      type: "button", className: "plain", text: "✕", "aria-label": `Make the token ${tame(token.token, 64)} void`, on: { click: () => this.#remove(token.token) },
    });
    return element("li", {}, element("code", { className: "name", text: tame(token.token, 64) }),
      element("span", { className: "quiet", text: `${uses}${token.expires_ts ? `, ${until(token.expires_ts)}` : ""}` }), remove);
  }

  async #make() {
    const [uses, days] = [Number(byId("token-uses").value), Number(byId("token-days").value)];
    const body = { ...(uses > 0 && { uses_allowed: Math.floor(uses) }), ...(days > 0 && { lifetime_ms: Math.round(days * DAY) }) };
    await this.#do("POST", ["registration_tokens"], body);
  }

  #remove(token) {
    return this.#do("DELETE", ["registration_tokens", token]);
  }

  async #do(method, path, body) {
    try {
      await this.api.request(method, path, { under: ADMIN, body });
    } catch (error) {
      this.trouble(error);
    }
    await this.look();
  }
}
