// Requests to the client-server API of the server that the page came from.

/// The server refused, in Matrix's words.
export class MatrixError extends Error {
  constructor(status, body) {
    super(`${status} ${body?.errcode ?? ""}`);
    this.name = "MatrixError";
    this.status = status;
    this.errcode = typeof body?.errcode === "string" ? body.errcode : "M_UNKNOWN";
    this.text = typeof body?.error === "string" ? body.error : "";
    this.retryAfter = Number.isSafeInteger(body?.retry_after_ms) ? body.retry_after_ms : 0;
    this.body = body;
  }
}

/// No answer, or one that is no Matrix server's.
export class ConnectionLost extends Error {
  constructor(cause) {
    super("the server cannot be reached", { cause });
    this.name = "ConnectionLost";
  }
}

const STABLE = "/_matrix/client/v3/";
const PATIENCE = 20_000;
const UPLOAD_PATIENCE = 300_000;

export class Api {
  /// `loggedOut` is called when the server no longer knows the token.
  constructor(token = null, loggedOut = () => {}) {
    this.token = token;
    this.loggedOut = loggedOut;
  }

  /// The JSON of an answer. Each part of the path is one component of it; `under` is what stands before them.
  async request(method, path, { query, body, signal, under = STABLE, patience = PATIENCE } = {}) {
    let url = under + path.map(encodeURIComponent).join("/");
    if (query) url += `?${new URLSearchParams(query)}`;
    const content = body === undefined ? undefined : { type: "application/json", data: JSON.stringify(body) };
    return this.#read(await this.#fetch(method, url, content, signal, patience), signal);
  }

  /// Uploads a file, and returns its `mxc:` address. Its name is nobody's business.
  ///
  /// https://spec.matrix.org/v1.16/client-server-api/#post_matrixmediav3upload
  async upload(file) {
    const content = { type: file.type, data: file };
    const { content_uri: uri } = await this.#read(await this.#fetch("POST", "/_matrix/media/v3/upload", content, undefined, UPLOAD_PATIENCE));
    return uri;
  }

  async #read(answer, signal) {
    let json;
    try {
      json = await answer.json();
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ConnectionLost(error);
    }
    if (answer.ok) return json;
    const failure = new MatrixError(answer.status, json);
    if (failure.status === 401 && this.token && failure.errcode === "M_UNKNOWN_TOKEN") this.loggedOut(failure);
    throw failure;
  }

  async #fetch(method, url, content, signal, patience) {
    const timeout = AbortSignal.timeout(patience);
    const headers = this.token ? { Authorization: `Bearer ${this.token}` } : {};
    if (content) headers["Content-Type"] = content.type;
    try {
      return await fetch(url, {
        method, headers, body: content?.data, cache: "no-store", credentials: "omit",
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ConnectionLost(error);
    }
  }

  /// A picture of the media repository, as an object URL; null where there is none.
  ///
  /// https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediathumbnailservernamemediaid
  async thumbnail(server, id, signal) {
    const url = `/_matrix/client/v1/media/thumbnail/${encodeURIComponent(server)}/${encodeURIComponent(id)}?width=96&height=96&method=crop`;
    const answer = await this.#fetch("GET", url, undefined, signal, PATIENCE);
    if (!answer.ok) return null;
    const picture = await answer.blob();
    return /^image\/(png|jpeg|gif|webp)$/.test(picture.type) ? URL.createObjectURL(picture) : null;
  }
}

/// Paths that are Hearth's own: docs/clients.md.
export const HEARTH = "/_matrix/client/unstable/io.hearth/";
/// What administrators alone may ask: docs/admin-api.md.
export const ADMIN = "/_hearth/admin/v1/";
