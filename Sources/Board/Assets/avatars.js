// Pictures, fetched with the token and shown from memory; initials where there is none.

import { hue, initials } from "./text.js";

const MXC = /^mxc:\/\/([^/?#]{1,255})\/([A-Za-z0-9_-]{1,255})$/;
const AT_ONCE = 4;
const KEPT = 400;

export class Avatars {
  #pictures = new Map();
  #queue = [];
  #running = 0;

  constructor(api) {
    this.api = api;
    // A picture is fetched when its person comes near the screen.
    this.near = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        this.near.unobserve(target);
        this.#load(target);
      }
    }, { rootMargin: "200px" });
    this.wanted = new WeakMap();
  }

  /// Shows somebody in a place made for a picture.
  show(place, person) {
    const key = `${person.avatar ?? ""} ${person.name}`;
    if (this.wanted.get(place)?.key === key) return;
    this.wanted.set(place, { key, url: person.avatar });
    place.textContent = initials(person.name);
    place.className = `avatar hue-${hue(person.id)}`;
    if (typeof person.avatar === "string" && MXC.test(person.avatar)) this.near.observe(place);
    else this.near.unobserve(place);
  }

  forget(place) {
    this.near.unobserve(place);
  }

  #load(place) {
    const { url } = this.wanted.get(place);
    const held = this.#pictures.get(url);
    if (held !== undefined) return this.#put(place, url, held);
    this.#queue.push(place);
    this.#next();
  }

  async #next() {
    if (this.#running >= AT_ONCE || !this.#queue.length) return;
    const place = this.#queue.pop();
    const { url } = this.wanted.get(place);
    this.#running += 1;
    try {
      if (!this.#pictures.has(url)) {
        const [, server, id] = MXC.exec(url);
        this.#keep(url, await this.api.thumbnail(server, id));
      }
      this.#put(place, url, this.#pictures.get(url));
    } catch (error) {
      // The initials stay; a picture is not worth a message.
      if (error.name !== "ConnectionLost") console.warn("a picture could not be shown", error);
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  #keep(url, picture) {
    this.#pictures.set(url, picture);
    if (this.#pictures.size <= KEPT) return;
    const [oldest, object] = this.#pictures.entries().next().value;
    this.#pictures.delete(oldest);
    if (object) URL.revokeObjectURL(object);
  }

  #put(place, url, picture) {
    if (!picture || this.wanted.get(place)?.url !== url) return;
    const image = new Image();
    image.alt = "";
    image.decoding = "async";
    image.src = picture;
    image.addEventListener("load", () => {
      if (this.wanted.get(place)?.url === url) place.replaceChildren(image);
    });
  }
}
