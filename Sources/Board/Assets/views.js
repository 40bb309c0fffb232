// Which part of the page is shown where there is no place for all of them: the part that the address names.

import { byId } from "./dom.js";

const TITLES = { home: "people-title", you: "you-title", audience: "audience-title", admin: "admin-title" };

export class Views {
  constructor() {
    addEventListener("hashchange", () => this.#show({ moves: true }));
    this.#show({ moves: false });
  }

  #show({ moves }) {
    const named = location.hash.slice(1);
    const view = Object.hasOwn(TITLES, named) ? named : "home";
    byId("board").dataset.view = view;
    for (const link of document.querySelectorAll(".views a")) {
      if (link.dataset.view === view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (!moves) return;
    scrollTo(0, 0);
    byId(TITLES[view]).focus({ preventScroll: true });
  }
}
