// The way in: a password, or a new account where the server gives them.

import { byId } from "./dom.js";
import { keepSession, logIn, register, registration } from "./session.js";
import { describe } from "./words.js";

export class LoginView {
  #mode = "login";

  /// `entered` gets the session of whoever came in.
  constructor(entered) {
    this.entered = entered;
    byId("login-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("login-switch").addEventListener("click", () => this.#switch());
    byId("login-server").textContent = location.host;
  }

  show(message = "") {
    byId("login").hidden = false;
    document.title = "Hearth: log in";
    byId("login-error").textContent = message;
    byId("login-user").focus();
  }

  async #switch() {
    byId("login-error").textContent = "";
    if (this.#mode !== "login") return this.#enter("login");
    try {
      const way = await registration();
      if (way !== "closed") return this.#enter(way);
      byId("login-error").textContent = "This server is not open for new accounts. Ask its operator for one.";
    } catch (error) {
      byId("login-error").textContent = describe(error);
    }
  }

  /// `mode` is "login", or the way in which an account can be made.
  #enter(mode) {
    this.#mode = mode;
    const isNew = mode !== "login";
    byId("login-token-field").hidden = mode !== "token";
    byId("login-token").required = mode === "token";
    byId("login-submit").textContent = isNew ? "Create account" : "Log in";
    byId("login-switch").textContent = isNew ? "I have an account" : "Create an account";
    byId("login-lead").firstChild.textContent = isNew ? "Make an account on " : "Log in with your Matrix account on ";
    byId("login-password").autocomplete = isNew ? "new-password" : "current-password";
    byId("login-user").focus();
  }

  async #submit() {
    const button = byId("login-submit");
    const [user, password] = [byId("login-user").value.trim(), byId("login-password").value];
    byId("login-error").textContent = "";
    button.disabled = true;
    try {
      const answer = this.#mode === "login"
        ? await logIn(user, password)
        : await register(user, password, this.#mode === "token" ? byId("login-token").value.trim() : null);
      byId("login-password").value = "";
      byId("login").hidden = true;
      this.entered(keepSession(answer, byId("login-stay").checked));
    } catch (error) {
      const isWrong = this.#mode === "login" && error.errcode === "M_FORBIDDEN";
      byId("login-error").textContent = isWrong ? "The user name or the password is wrong." : describe(error);
    } finally {
      button.disabled = false;
    }
  }
}
