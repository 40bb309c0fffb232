extension BadRequestTable {
    /// Where an id stands that is none.
    static let identifiers: [BadRequest] = [
        BadRequest("GET", "/rooms/nope/state", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/rooms/%40alice%3Alocalhost/messages?dir=b", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/rooms/nope/send/m.room.message/i{n}", "{}", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/rooms/{room}/event/nope", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/rooms/{room}/redact/nope/i{n}", "{}", 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/join/nope", "{}", 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/peek/nope", "{}", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/profile/alice", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/presence/alice/status", "{\"presence\":\"busy\"}", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/directory/room/taken", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/rooms/{room}/state/test/%zz", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/rooms/{room}/state/test/%ff%fe", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/rooms/{room}/state/test/%", 400, "M_INVALID_PARAM"),
    ]

    /// What belongs to others, or is not there.
    static let others: [BadRequest] = [
        BadRequest("PUT", "/profile/{bob}/displayname", "{\"displayname\":\"x\"}", 403, "M_FORBIDDEN"),
        BadRequest("DELETE", "/profile/{bob}/displayname", 403, "M_FORBIDDEN"),
        BadRequest("PUT", "/profile/{alice}/displayname", "{\"displayname\":5}", 400, "M_BAD_JSON"),
        BadRequest("PUT", "/profile/{alice}/displayname", "{}", 400, "M_MISSING_PARAM"),
        BadRequest(
            "PUT", "/profile/{alice}/displayname", "{\"displayname\":\"\(String(repeating: "é", count: 256))\"}", 400,
            "M_INVALID_PARAM"),
        BadRequest(
            "PUT", "/profile/{alice}/avatar_url", "{\"avatar_url\":\"mxc://\(String(repeating: "x", count: 995))\"}", 400,
            "M_INVALID_PARAM"),
        BadRequest(
            "PUT", "/profile/{alice}/test.big", "{\"test.big\":\"\(String(repeating: "x", count: 66_000))\"}", 400,
            "M_PROFILE_TOO_LARGE"),
        BadRequest("PUT", "/profile/{alice}/m.call", "{\"m.call\":{\"call_joined_ts\":1e300}}", 400, "M_BAD_JSON"),
        BadRequest("PUT", "/profile/{alice}/m.call", "{\"m.call\":{\"call_joined_ts\":-1}}", 400, "M_BAD_JSON"),
        BadRequest("PUT", "/profile/{alice}/org.matrix.msc4426.call", "{\"org.matrix.msc4426.call\":\"x\"}", 400, "M_BAD_JSON"),
        BadRequest("PUT", "/profile/{alice}/m.tz", "{\"m.tz\":\"../../etc/passwd\"}", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/profile/{alice}/us.cloke.msc4175.tz", "{\"us.cloke.msc4175.tz\":null}", 400, "M_BAD_JSON"),
        BadRequest("GET", "/profile/%40nobody%3Alocalhost", 404, "M_NOT_FOUND"),
        BadRequest("GET", "/profile/{bob}/test.none", 404, "M_NOT_FOUND"),
        BadRequest("GET", "/user/{bob}/account_data/test", 403, "M_FORBIDDEN"),
        BadRequest("PUT", "/user/{bob}/account_data/m.presence.persistent", "{}", 403, "M_FORBIDDEN"),
        BadRequest(
            "PUT", "/user/{alice}/account_data/m.presence.persistent",
            "{\"status\":{\"msg\":\"\(String(repeating: "x", count: 257))\"}}", 400, "M_TOO_LARGE"),
        BadRequest(
            "PUT", "/user/{alice}/account_data/m.presence.persistent",
            "{\"state_override\":\"\(String(repeating: "x", count: 65_536))\"}", 413, "M_TOO_LARGE"),
        BadRequest("PUT", "/user/{bob}/account_data/test", "{}", 403, "M_FORBIDDEN"),
        BadRequest("PUT", "/user/{bob}/rooms/{room}/account_data/test", "{}", 403, "M_FORBIDDEN"),
        BadRequest("GET", "/user/{alice}/account_data/test.none", 404, "M_NOT_FOUND"),
        BadRequest("GET", "/user/{alice}/rooms/{room}/account_data/test.none", 404, "M_NOT_FOUND"),
        BadRequest("POST", "/user/{bob}/filter", "{}", 403, "M_FORBIDDEN"),
        BadRequest("GET", "/user/{bob}/filter/1", 403, "M_FORBIDDEN"),
        BadRequest("GET", "/user/{alice}/filter/999999", 404, "M_NOT_FOUND"),
        BadRequest("GET", "/devices/NONE", 404, "M_NOT_FOUND"),
        BadRequest("PUT", "/devices/NONE", "{\"display_name\":\"x\"}", 404, "M_NOT_FOUND"),
        BadRequest("PUT", "/devices/{device}", "{\"display_name\":5}", 400, "M_BAD_JSON"),
        BadRequest("POST", "/delete_devices", "{\"devices\":5}", 400, "M_BAD_JSON"),
    ]

    static let accounts: [BadRequest] = [
        BadRequest("POST", "/login", "{\"type\":\"m.login.password\",\"password\":\"x\"}", 400, "M_MISSING_PARAM", token: .none),
        BadRequest("POST", "/login", "{}", 400, "M_MISSING_PARAM", token: .none),
        BadRequest("POST", "/login", "{\"type\":5}", 400, "M_BAD_JSON", token: .none),
        BadRequest("POST", "/login", "{\"type\":\"m.login.magic\"}", 400, "M_UNKNOWN", token: .none),
        BadRequest(
            "POST", "/login",
            "{\"type\":\"m.login.password\",\"identifier\":{\"type\":\"m.id.user\",\"user\":\"alice\"},\"password\":\"wrong\"}",
            403,
            "M_FORBIDDEN", token: .none),
        BadRequest(
            "POST", "/login",
            "{\"type\":\"m.login.password\",\"identifier\":{\"type\":\"m.id.user\",\"user\":\"nobody\"},\"password\":\"wrong\"}",
            403,
            "M_FORBIDDEN", token: .none),
        BadRequest(
            "POST", "/login", "{\"type\":\"m.login.password\",\"identifier\":5,\"password\":\"x\"}", 400, "M_BAD_JSON",
            token: .none),
        BadRequest("POST", "/register?kind=guest", "{}", 403, "M_GUEST_ACCESS_FORBIDDEN", token: .none),
        BadRequest(
            "POST", "/register", "{\"username\":\"alice\",\"password\":\"x\",\"auth\":{\"type\":\"m.login.dummy\"}}", 400,
            "M_USER_IN_USE",
            token: .none),
        BadRequest(
            "POST", "/register", "{\"username\":\"A B\",\"password\":\"x\",\"auth\":{\"type\":\"m.login.dummy\"}}", 400,
            "M_INVALID_USERNAME", token: .none),
        BadRequest(
            "POST", "/register", "{\"username\":\"_hearth\",\"password\":\"x\",\"auth\":{\"type\":\"m.login.dummy\"}}", 400,
            "M_EXCLUSIVE", token: .none),
        BadRequest("POST", "/register", "{\"username\":5}", 400, "M_BAD_JSON", token: .none),
        BadRequest("GET", "/register/available?username=alice", 400, "M_USER_IN_USE", token: .none),
        BadRequest("GET", "/register/available?username=A%20B", 400, "M_INVALID_USERNAME", token: .none),
        BadRequest("GET", "/register/available", 400, "M_MISSING_PARAM", token: .none),
    ]

    static let paths: [BadRequest] = [
        BadRequest("GET", "/nothing/here", 404, "M_UNRECOGNIZED"),
        BadRequest("GET", "/_matrix/client/v99/sync", 404, "M_UNRECOGNIZED"),
        BadRequest("GET", "/events", 404, "M_UNRECOGNIZED"),
        BadRequest("GET", "/initialSync", 404, "M_UNRECOGNIZED"),
        BadRequest("GET", "/", 404, "M_UNRECOGNIZED"),
        BadRequest("POST", "/sync", "{}", 405, "M_UNRECOGNIZED"),
        BadRequest("DELETE", "/createRoom", 405, "M_UNRECOGNIZED"),
        BadRequest("PATCH", "/profile/{alice}/displayname", "{}", 405, "M_UNRECOGNIZED"),
        BadRequest("POST", "/rooms/{room}/state/test/x", "{}", 405, "M_UNRECOGNIZED"),
    ]
}
