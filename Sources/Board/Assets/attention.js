// What this page says of itself: in use, or open without anybody looking.

const IDLE_AFTER = 5 * 60_000;

export class Attention {
  #claim = "online";
  #timer = 0;
  #lastInput = Date.now();

  /// `changed` is called when the claim is another one.
  constructor(changed) {
    this.changed = changed;
    const input = () => this.#touched();
    for (const name of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"]) {
      addEventListener(name, input, { passive: true, capture: true });
    }
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#lastInput = Date.now();
      this.#look();
    });
    this.#look();
  }

  /// For `set_presence` of a sync: "online" while somebody uses this page, else "unavailable".
  get claim() {
    return this.#claim;
  }

  #touched() {
    this.#lastInput = Date.now();
    if (this.#claim !== "online") this.#look();
  }

  #look() {
    clearTimeout(this.#timer);
    const left = this.#lastInput + IDLE_AFTER - Date.now();
    const claim = document.hidden || left <= 0 ? "unavailable" : "online";
    if (claim === "online") this.#timer = setTimeout(() => this.#look(), left + 10);
    if (claim === this.#claim) return;
    this.#claim = claim;
    this.changed();
  }
}
