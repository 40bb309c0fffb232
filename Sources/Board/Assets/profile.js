// One's own name and picture, which are for everyone.

import { byId } from "./dom.js";

/// What the server makes thumbnails of.
const TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

export class ProfileForm {
  /// The name as the field has it until somebody types.
  #shown = "";

  /// `own` is oneself, as the profile room says.
  constructor(api, session, { own, trouble }) {
    Object.assign(this, { api, session, own, trouble });
    byId("profile-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#saveName(byId("profile-name").value.trim());
    });
    byId("profile-picture").addEventListener("change", (event) => this.#savePicture(event.target));
    byId("profile-picture-remove").addEventListener("click", () => this.#run("Removed.", () => this.#set("avatar_url", "")));
    this.draw();
  }

  /// The profile came, or changed: what somebody is typing stays.
  draw() {
    const field = byId("profile-name");
    const name = this.own.profileName ?? "";
    if (field.value === this.#shown) field.value = name;
    this.#shown = name;
    field.placeholder = this.own.localpart;
    byId("profile-picture-remove").hidden = !this.own.avatar;
  }

  #saveName(name) {
    return this.#run("Saved.", () => this.#set("displayname", name));
  }

  async #savePicture(input) {
    const [file] = input.files;
    if (!file) return;
    if (!TYPES.includes(file.type)) {
      this.trouble("A picture is a PNG, JPEG, GIF or WebP file.");
    } else {
      byId("profile-note").textContent = "Uploading…";
      await this.#run("Saved.", async () => this.#set("avatar_url", await this.api.upload(file)));
    }
    // So that the same file may be chosen once more.
    input.value = "";
  }

  /// Sets one field of the profile; "" takes it away.
  #set(field, value) {
    const path = ["profile", this.session.userID, field];
    return value ? this.api.request("PUT", path, { body: { [field]: value } }) : this.api.request("DELETE", path);
  }

  async #run(done, action) {
    try {
      await action();
      byId("profile-note").textContent = done;
    } catch (error) {
      byId("profile-note").textContent = "";
      this.trouble(error.errcode === "M_TOO_LARGE" ? "That is larger than this server allows." : error);
    }
  }
}
