// The long poll: one request is always waiting for news, and a lost connection is tried again ever more slowly.

const HOLD = 30_000;
const SHOWN_STATE = [
  "m.room.create", "m.room.member", "m.room.name", "m.room.canonical_alias", "m.room.join_rules", "m.room.presence_sharing",
  "org.continuwuity.presence_v2.msc4495.room.presence_sharing", "m.profile", "m.presence", "m.status",
];

/// People, rooms and presence; no messages, which the page has no business with.
const FILTER = JSON.stringify({
  presence: { types: [] },
  account_data: { types: ["m.presence.sharing", "m.ignored_user_list", "io.hearth.board"] },
  room: {
    account_data: { types: [] }, ephemeral: { types: [] },
    state: { types: SHOWN_STATE }, timeline: { types: SHOWN_STATE, limit: 50 },
  },
});

/// Milliseconds to wait after so many failures in a row: 1, 2, 4, 8, 16, then 30 s, a little scattered.
export const backoff = (failures, random = Math.random()) =>
  Math.min(30_000, 1000 * 2 ** Math.min(failures - 1, 5)) * (0.8 + 0.4 * random);

export class SyncLoop {
  #since = null;
  #failures = 0;
  #request = null;
  #wakeUp = null;
  #isStopped = false;

  /// `claim()` is the presence to set, `answered(answer)` takes the news, `health(state)` gets `{isLost, retryAt}`.
  constructor(api, { claim, answered, health }) {
    Object.assign(this, { api, claim, answered, health });
    addEventListener("online", () => this.retry());
  }

  /// Runs until it is stopped.
  async run() {
    while (!this.#isStopped) {
      try {
        await this.#once();
      } catch (error) {
        if (this.#isStopped || error.errcode === "M_UNKNOWN_TOKEN") return;
        if (error.name === "AbortError") continue;
        if (error.name !== "ConnectionLost" && error.name !== "MatrixError") console.error(error);
        await this.#wait(Math.max(backoff(++this.#failures), error.retryAfter ?? 0));
      }
    }
  }

  async #once() {
    this.#request = new AbortController();
    // After a loss the first request does not wait: its answer shows at once that all is well again.
    const hold = this.#since && !this.#failures ? HOLD : 0;
    const query = { filter: FILTER, set_presence: this.claim(), timeout: hold };
    if (this.#since) query.since = this.#since;
    const answer = await this.api.request("GET", ["sync"], {
      query, signal: this.#request.signal, patience: hold + 60_000,
    });
    await this.answered(answer, { isFirst: !this.#since });
    this.#since = answer.next_batch;
    this.#failures = 0;
    this.health({ isLost: false });
  }

  /// Asks anew when what this page says of itself has changed.
  claimChanged() {
    this.#request?.abort();
  }

  /// Ends a wait after a failure.
  retry() {
    this.#wakeUp?.();
  }

  stop() {
    this.#isStopped = true;
    this.#request?.abort();
    this.retry();
  }

  async #wait(time) {
    this.health({ isLost: true, retryAt: Date.now() + time });
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, time);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wakeUp = null;
  }
}
