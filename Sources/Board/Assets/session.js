// Who is logged in here: the token and where it is kept.

import { Api } from "./api.js";

const KEY = "hearth.session";

function read(storage) {
  try {
    const session = JSON.parse(storage.getItem(KEY));
    return session?.token && session?.userID && session?.deviceID ? session : null;
  } catch {
    return null;
  }
}

/// The session of this tab, or the one that stays; null when nobody is logged in.
export const storedSession = () => read(sessionStorage) ?? read(localStorage);

/// Keeps a session until the tab is closed, or, when it is to stay, until somebody logs out.
export function keepSession(answer, stays) {
  const session = { token: answer.access_token, userID: answer.user_id, deviceID: answer.device_id };
  dropSession();
  (stays ? localStorage : sessionStorage).setItem(KEY, JSON.stringify(session));
  return session;
}

export function dropSession() {
  sessionStorage.removeItem(KEY);
  localStorage.removeItem(KEY);
}

/// Calls back when another tab logged out of the session that stays.
export function onSessionDropped(callback) {
  addEventListener("storage", (event) => {
    if (event.key === KEY && !event.newValue && !read(sessionStorage)) callback();
  });
}

/// How the device is called in the lists of other clients.
function deviceName() {
  const agent = navigator.userAgent;
  const browser = [["Firefox", /Firefox\//], ["Edge", /Edg\//], ["Chrome", /Chrom(e|ium)\//], ["Safari", /Safari\//]]
    .find(([, pattern]) => pattern.test(agent))?.[0] ?? "browser";
  const system = [["Android", /Android/], ["iPhone", /iPhone/], ["iPad", /iPad/], ["Mac", /Mac OS X/], ["Windows", /Windows/], ["Linux", /Linux/]]
    .find(([, pattern]) => pattern.test(agent))?.[0];
  return `Hearth board (${browser}${system ? ` on ${system}` : ""})`;
}

/// https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3login
export function logIn(user, password) {
  return new Api().request("POST", ["login"], {
    body: {
      type: "m.login.password", identifier: { type: "m.id.user", user }, password, initial_device_display_name: deviceName(),
    },
  });
}

/// How an account can be made here: "open", "token" or "closed".
export async function registration() {
  try {
    await new Api().request("POST", ["register"], { body: {} });
  } catch (error) {
    if (error.status === 401 && Array.isArray(error.body?.flows)) {
      const isOnly = (stage) => error.body.flows.some(({ stages }) => stages?.length === 1 && stages[0] === stage);
      if (isOnly("m.login.dummy")) return "open";
      if (isOnly("m.login.registration_token")) return "token";
    } else if (error.status !== 403) {
      throw error;
    }
  }
  return "closed";
}

/// https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3register
export async function register(username, password, token) {
  const body = { username, password, initial_device_display_name: deviceName() };
  const send = (auth) => new Api().request("POST", ["register"], { body: { ...body, auth } });
  if (!token) return send({ type: "m.login.dummy" });
  let session;
  try {
    return await new Api().request("POST", ["register"], { body });
  } catch (error) {
    session = error.body?.session;
    if (error.status !== 401 || typeof session !== "string") throw error;
  }
  return send({ type: "m.login.registration_token", token, session });
}
