// A text that is cut off at the end of its line can be read whole: a button shows for as long as something is cut off.

import { setText } from "./dom.js";

const folds = new WeakMap();
/// Tells after the layout is done, so that looking costs none; and nothing of what is far from the screen.
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) folds.get(target)?.measure();
});

export class Fold {
  /// `node` gets the class "open"; `text` is what may be cut off in it.
  constructor(node, text, button) {
    Object.assign(this, { node, text, button });
    folds.set(text, this);
    button.addEventListener("click", () => this.#open(!this.isOpen));
    sizes.observe(text);
  }

  get isOpen() {
    return this.node.classList.contains("open");
  }

  /// Another text stands there: it may fill the same place, and yet not fit.
  textChanged() {
    if (this.isOpen) this.#open(false);
    sizes.unobserve(this.text);
    sizes.observe(this.text);
  }

  measure() {
    if (!this.isOpen) this.button.hidden = this.text.scrollWidth <= this.text.clientWidth;
  }

  #open(isOpen) {
    this.node.classList.toggle("open", isOpen);
    this.button.setAttribute("aria-expanded", String(isOpen));
    setText(this.button, isOpen ? "Less" : "More");
  }

  remove() {
    sizes.unobserve(this.text);
  }
}
