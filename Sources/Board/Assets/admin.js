// The operator's view: docs/admin-api.md. Its link shows to administrators alone, and it asks when one looks, not by the clock.

import { Accounts } from "./accounts.js";
import { ADMIN } from "./api.js";
import { byId, element } from "./dom.js";
import { tame } from "./text.js";
import { Tokens } from "./tokens.js";
import { ago } from "./when.js";

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const count = (value) => (Number.isFinite(value) ? number.format(value) : "–");

function duration(ms) {
  const hours = Math.floor(ms / 3_600_000);
  return hours < 48 ? `${hours} h ${Math.floor((ms / 60_000) % 60)} min` : `${Math.floor(hours / 24)} days`;
}

function bytes(value) {
  const unit = value < 2 ** 20 ? ["KiB", 2 ** 10] : value < 2 ** 30 ? ["MiB", 2 ** 20] : ["GiB", 2 ** 30];
  return `${number.format(value / unit[1])} ${unit[0]}`;
}

/// "1.2 / 9.1 ms": the middle of all, and what one in a hundred exceeds.
const latency = (times) => (times ? `${count(times.p50)} / ${count(times.p99)} ms` : "–");

export class AdminView {
  #hasDrawn = false;

  constructor(api, { trouble }) {
    Object.assign(this, { api, trouble });
    this.accounts = new Accounts(api, { trouble });
    this.tokens = new Tokens(api, { trouble });
    byId("admin-refresh").addEventListener("click", () => this.look());
    addEventListener("hashchange", () => this.#isOpen && this.look());
  }

  get #isOpen() {
    return location.hash === "#admin";
  }

  /// Shows the link to whoever is an administrator: the server's answer is what tells.
  async offer() {
    try {
      this.#draw(await this.api.request("GET", ["overview"], { under: ADMIN }));
    } catch (error) {
      if (this.#isOpen) location.hash = "#home";
      if (error.errcode !== "M_FORBIDDEN" && error.errcode !== "M_UNRECOGNIZED") this.trouble(error);
      return;
    }
    byId("admin-link").hidden = false;
    byId("board").classList.add("operated");
    if (this.#isOpen) this.look();
  }

  async look() {
    if (byId("admin-link").hidden) return;
    try {
      this.#draw(await this.api.request("GET", ["overview"], { under: ADMIN }));
    } catch (error) {
      this.trouble(error);
    }
    await Promise.all([this.accounts.look(), this.tokens.look()]);
  }

  #draw(overview) {
    const facts = [
      ["Accounts", count(overview.users), `${count(overview.devices)} devices logged in`],
      ["Watching", count(overview.watching_devices), `devices; peeks: ${count(overview.live_peeks)}`],
      ["Held requests", count(overview.held_syncs), "waiting for news"],
      ["Changes of presence", `${count(overview.transitions_per_second?.last_minute)}/s`, "in the last minute"],
      ["Change to disk", latency(overview.publish_latency_ms), "half faster / 1 in 100 slower"],
      ["Disk to watcher", latency(overview.wakeup_latency_ms), "half faster / 1 in 100 slower"],
      ["Waiting to be written", count(overview.writer_queue), `database of ${bytes(overview.database_bytes)}`],
      ["Running", duration(overview.uptime_ms), `version ${tame(overview.version, 40)}`],
    ];
    byId("admin-facts").replaceChildren(...facts.map(([name, value, note]) => element(
      "div", { className: "card fact" }, element("dt", { text: name }), element("dd", { text: value }), element("dd", { className: "quiet", text: note }))));
    this.#drawLegacy(overview.legacy ?? {});
  }

  #drawLegacy(legacy) {
    byId("legacy-sentence").textContent = tame(legacy.sentence, 300);
    byId("legacy-clients").replaceChildren(...(legacy.clients ?? []).slice(0, 50).map((client) => element(
      "li", {}, element("bdi", { className: "name", text: tame(client.client, 80) }),
      element("span", { className: "quiet", text: `${count(client.uses)} uses, last ${ago(client.last_use_ts)}` }))));
  }
}
