/// A request with exactly one defect and what it has to be answered with. Paths are below `/_matrix/client/v3` unless they begin
/// with `/_`; the token is alice's unless another is given.
struct BadRequest: Sendable {
    enum Token: Sendable { case alice, none, unknown }

    let method: String
    let path: String
    let body: String
    let token: Token
    let status: Int
    let code: String

    /// Without a body.
    init(_ method: String, _ path: String, _ status: Int, _ code: String, token: Token = .alice) {
        self.init(method, path, "", status, code, token: token)
    }

    init(_ method: String, _ path: String, _ body: String, _ status: Int, _ code: String, token: Token = .alice) {
        self.method = method
        self.path = path
        self.body = body
        self.token = token
        self.status = status
        self.code = code
    }
}

/// One defect each, with the status and the code that the spec, or DESIGN where it is Hearth's own, asks for.
enum BadRequestTable {
    static let all =
        tokens + bodies + sync + presence + events + rooms + membership + history + identifiers + others + accounts + paths
        + encryption + media + reading + directories + pushRules + pushers

    private static let tokens: [BadRequest] = ["/sync", "/joined_rooms", "/account/whoami", "/devices", "/rooms/{room}/state"]
        .flatMap {
            [
                BadRequest("GET", $0, 401, "M_MISSING_TOKEN", token: .none),
                BadRequest("GET", $0, 401, "M_UNKNOWN_TOKEN", token: .unknown),
            ]
        }

    /// Every defect of a body, at every endpoint that takes one.
    private static let bodies: [BadRequest] = bodyEndpoints.flatMap { method, path in
        bodyDefects.map { body, code in BadRequest(method, path, body, 400, code) }
    }

    private static let bodyEndpoints: [(String, String)] = [
        ("POST", "/createRoom"), ("PUT", "/rooms/{room}/send/m.room.message/b{n}"), ("PUT", "/rooms/{room}/state/test/b"),
        ("PUT", "/user/{alice}/account_data/test"), ("PUT", "/user/{alice}/rooms/{room}/account_data/test"),
        ("PUT", "/presence/{alice}/status"), ("POST", "/user/{alice}/filter"), ("PUT", "/profile/{alice}/displayname"),
        ("POST", "/rooms/{room}/invite"), ("POST", "/rooms/{room}/kick"), ("POST", "/rooms/{room}/ban"), ("POST", "/login"),
        ("POST", "/register"), ("PUT", "/devices/{device}"), ("PUT", "/directory/room/%23new{n}%3Alocalhost"),
        ("POST", "/join/{room}"), ("POST", "/pushers/set"), ("PUT", "/pushrules/global/room/b{n}"),
        ("PUT", "/rooms/{room}/redact/{event}/b{n}"), ("POST", "/keys/upload"), ("POST", "/keys/query"), ("POST", "/keys/claim"),
        ("POST", "/keys/device_signing/upload"), ("POST", "/keys/signatures/upload"), ("PUT", "/sendToDevice/m.test/b{n}"),
        ("POST", "/room_keys/version"), ("PUT", "/room_keys/version/1"), ("PUT", "/room_keys/keys?version=1"),
        ("PUT", "/rooms/{room}/typing/{alice}"), ("POST", "/rooms/{room}/receipt/m.read/{event}"),
        ("POST", "/rooms/{room}/read_markers"), ("PUT", "/user/{alice}/rooms/{room}/tags/b"),
        ("PUT", "/directory/list/room/{room}"), ("POST", "/publicRooms"), ("POST", "/user_directory/search"),
    ]

    private static let bodyDefects: [(String, String)] = [
        ("{", "M_NOT_JSON"), ("{\"a\":1,}", "M_NOT_JSON"), ("{'a':1}", "M_NOT_JSON"), ("{\"a\":1} x", "M_NOT_JSON"),
        ("nul", "M_NOT_JSON"),
        ("{\"a\":01}", "M_NOT_JSON"), ("{\"a\":NaN}", "M_NOT_JSON"), ("[]", "M_BAD_JSON"), ("\"text\"", "M_BAD_JSON"),
        ("null", "M_BAD_JSON"),
        ("{\"a\":1,\"a\":2}", "M_BAD_JSON"), ("{\"a\":\"\\ud800\"}", "M_BAD_JSON"), ("{\"a\":\"x\\u0000\"}", "M_BAD_JSON"),
        ("{\"a\":" + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}", "M_BAD_JSON"),
    ]

    private static let sync: [BadRequest] = [
        BadRequest("GET", "/sync?since=garbage", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/sync?since=s-1", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/sync?since=s1.KxtrmQa", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/sync?since=s99999999999999999999", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/sync?timeout=-1", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/sync?timeout=soon", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/sync?timeout=1.5", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/sync?timeout=99999999999999999999", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/sync?set_presence=away", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/sync?full_state=maybe", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/sync?filter=%7B%22room%22%3A5%7D", 400, "M_BAD_JSON"),
        BadRequest(
            "GET", "/sync?filter=%7B%22room%22%3A%7B%22timeline%22%3A%7B%22limit%22%3A-1%7D%7D%7D", 400, "M_BAD_JSON"),
        BadRequest("GET", "/sync?since=%zz", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/sync?since=%ff", 400, "M_INVALID_PARAM"),
    ]

    private static let presence: [BadRequest] = [
        BadRequest("PUT", "/presence/{alice}/status", "{\"presence\":\"away\"}", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/presence/{alice}/status", "{\"presence\":\"BUSY\"}", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/presence/{alice}/status", "{}", 400, "M_MISSING_PARAM"),
        BadRequest("PUT", "/presence/{alice}/status", "{\"presence\":5}", 400, "M_BAD_JSON"),
        BadRequest("PUT", "/presence/{alice}/status", "{\"presence\":\"busy\",\"status_msg\":5}", 400, "M_BAD_JSON"),
        BadRequest("PUT", "/presence/{alice}/status", "{\"presence\":\"busy\",\"io.hearth.manual\":1}", 400, "M_BAD_JSON"),
        BadRequest(
            "PUT", "/presence/{alice}/status", "{\"presence\":\"busy\",\"io.hearth.expires_ts\":\"x\"}", 400, "M_BAD_JSON"),
        BadRequest("PUT", "/presence/{alice}/status", "{\"presence\":\"busy\",\"io.hearth.expires_ts\":1.5}", 400, "M_BAD_JSON"),
        BadRequest(
            "PUT", "/presence/{alice}/status", "{\"presence\":\"busy\",\"io.hearth.expires_ts\":1}", 400, "M_INVALID_PARAM"),
        BadRequest(
            "PUT", "/presence/{alice}/status", "{\"presence\":\"busy\",\"status_msg\":\"\(String(repeating: "x", count: 257))\"}",
            400,
            "M_TOO_LARGE"),
        BadRequest("PUT", "/presence/{bob}/status", "{\"presence\":\"busy\"}", 403, "M_FORBIDDEN"),
        BadRequest("GET", "/_matrix/client/unstable/io.hearth/presence/{bob}/status", 403, "M_FORBIDDEN"),
        BadRequest("DELETE", "/_matrix/client/unstable/io.hearth/presence/{bob}/status", 403, "M_FORBIDDEN"),
        BadRequest("GET", "/presence/%40nobody%3Alocalhost/status", 403, "M_FORBIDDEN"),
        BadRequest("PUT", "/rooms/{profile}/state/m.presence/", "{\"presence\":\"online\"}", 403, "M_FORBIDDEN"),
        BadRequest("PUT", "/rooms/{profile}/state/m.room.join_rules/", "{\"join_rule\":\"public\"}", 403, "M_FORBIDDEN"),
        BadRequest(
            "PUT", "/rooms/{profile}/state/m.status/", "{\"text\":\"\(String(repeating: "x", count: 257))\"}", 400, "M_TOO_LARGE"),
        BadRequest("PUT", "/rooms/{profile}/state/m.status/", "{\"text\":5}", 400, "M_BAD_JSON"),
        BadRequest("POST", "/rooms/{profile}/leave", "{}", 403, "M_FORBIDDEN"),
        BadRequest("PUT", "/rooms/{bobProfile}/state/m.status/", "{\"text\":\"x\"}", 403, "M_FORBIDDEN"),
        BadRequest("POST", "/join/{bobProfile}", "{}", 403, "M_FORBIDDEN"),
    ]
}
