// Keeps one peek for each person: starts them in bulk, renews them before they expire, starts them again when they end.

import { HEARTH } from "./api.js";

const AT_ONCE = 200;
/// A device may have 2,000 peeks; one is one's own.
const MOST = 1990;
/// How long to wait before a peek that ended is asked for again: doubled each time, so that somebody who comes and goes, or a
/// server that refuses, is not asked in a loop.
const AGAIN_AFTER = 500;
const AGAIN_AT_MOST = 60_000;

export class Peeks {
  #expiries = new Map();
  #wanted = new Set();
  #queue = new Set();
  #ends = new Map();
  #isRunning = false;
  #renewal = 0;
  #isStopped = false;
  #isOverfull = false;

  /// `refused(userID, error)` is told who cannot be peeked at, `failed(error)` what keeps all of them from being asked for.
  constructor(api, { refused, failed, overfull }) {
    Object.assign(this, { api, refused, failed, overfull });
  }

  want(userID) {
    if (this.#wanted.has(userID)) return;
    if (this.#wanted.size >= MOST) {
      if (!this.#isOverfull) this.overfull(MOST);
      this.#isOverfull = true;
      return;
    }
    this.#wanted.add(userID);
    this.#ask(userID);
  }

  /// Ends the peek of somebody who went from the board.
  async drop(userID, roomID) {
    this.#wanted.delete(userID);
    this.#queue.delete(userID);
    this.#expiries.delete(userID);
    this.#ends.delete(userID);
    if (roomID) await this.unpeek(roomID);
  }

  async unpeek(roomID) {
    try {
      await this.api.request("POST", ["rooms", roomID, "unpeek"], { body: {} });
    } catch (error) {
      if (error.errcode !== "M_BAD_STATE") this.failed(error);
    }
  }

  /// A peek ended without our doing. Asked for again, the room comes without presence, and sight that is gained later shows in it.
  ended(userID) {
    if (!this.#wanted.has(userID)) return;
    this.#expiries.delete(userID);
    const ends = (this.#ends.get(userID) ?? 0) + 1;
    this.#ends.set(userID, ends);
    const wait = Math.min(AGAIN_AFTER * 2 ** (ends - 1), AGAIN_AT_MOST);
    setTimeout(() => this.#wanted.has(userID) && this.#ask(userID), wait);
  }

  stop() {
    this.#isStopped = true;
    clearTimeout(this.#renewal);
  }

  #ask(userID) {
    this.#queue.add(userID);
    if (this.#isRunning) return;
    this.#isRunning = true;
    queueMicrotask(() => this.#run());
  }

  async #run() {
    let failures = 0;
    while (this.#queue.size && !this.#isStopped) {
      const users = [...this.#queue].slice(0, AT_ONCE);
      try {
        const answer = await this.api.request("POST", ["peek_profiles"], { under: HEARTH, body: { user_ids: users } });
        failures = 0;
        for (const user of users) {
          this.#queue.delete(user);
          const peek = answer.peeks?.[user];
          this.#expiries.delete(user);
          if (peek && this.#wanted.has(user)) this.#expiries.set(user, peek.peek_expiry_ts);
          if (!peek) this.refused(user, answer.errors?.[user]);
        }
      } catch (error) {
        if (this.#isStopped || error.errcode === "M_UNKNOWN_TOKEN") break;
        if (error.name === "MatrixError" && error.errcode !== "M_LIMIT_EXCEEDED" && error.status < 500) {
          for (const user of users) {
            this.#queue.delete(user);
            this.#expiries.delete(user);
          }
          this.failed(error);
          continue;
        }
        const wait = Math.max(error.retryAfter ?? 0, Math.min(30_000, 1000 * 2 ** failures++));
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
    this.#isRunning = false;
    this.#planRenewal();
  }

  /// Renews all that expire soon, when two thirds of the first one's time is over.
  #planRenewal() {
    clearTimeout(this.#renewal);
    if (!this.#expiries.size || this.#isStopped) return;
    const left = Math.min(...this.#expiries.values()) - Date.now();
    this.#renewal = setTimeout(() => {
      const soon = Math.min(...this.#expiries.values()) + left / 3;
      for (const [user, expiry] of this.#expiries) if (expiry <= soon) this.#ask(user);
    }, Math.max(1000, Math.min((left * 2) / 3, 2 ** 31 - 1)));
  }
}
