extension BadRequestTable {
    static let pushRules: [BadRequest] = [
        BadRequest("GET", "/pushrules/global/nothing", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/pushrules/global/content/none", 404, "M_NOT_FOUND"),
        BadRequest("GET", "/pushrules/global/content/none/enabled", 404, "M_NOT_FOUND"),
        BadRequest("GET", "/pushrules/global/content/none/actions", 404, "M_NOT_FOUND"),
        BadRequest("GET", "/pushrules/device/content/none", 404, "M_UNRECOGNIZED"),
        BadRequest("PUT", "/pushrules/global/nothing/x", "{\"actions\":[]}", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/pushrules/global/room/.m.x", "{\"actions\":[]}", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/pushrules/global/room/a%2Fb", "{\"actions\":[]}", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/pushrules/global/room/a%5Cb", "{\"actions\":[]}", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/pushrules/global/room/x", "{}", 400, "M_MISSING_PARAM"),
        BadRequest("PUT", "/pushrules/global/room/x", "{\"actions\":5}", 400, "M_BAD_JSON"),
        BadRequest("PUT", "/pushrules/global/room/x", "{\"actions\":[\"explode\"]}", 400, "M_BAD_JSON"),
        BadRequest("PUT", "/pushrules/global/content/x", "{\"actions\":[]}", 400, "M_MISSING_PARAM"),
        BadRequest("PUT", "/pushrules/global/override/x", "{\"actions\":[],\"conditions\":[5]}", 400, "M_BAD_JSON"),
        BadRequest("PUT", "/pushrules/global/room/x?before=none", "{\"actions\":[]}", 400, "M_UNKNOWN"),
        BadRequest("PUT", "/pushrules/global/override/x?after=.m.rule.master", "{\"actions\":[]}", 400, "M_UNKNOWN"),
        BadRequest(
            "PUT", "/pushrules/global/room/x",
            "{\"actions\":[{\"set_tweak\":\"x\",\"value\":\"\(String(repeating: "x", count: 132_000))\"}]}", 413, "M_TOO_LARGE"),
        BadRequest("DELETE", "/pushrules/global/room/none", 404, "M_NOT_FOUND"),
        BadRequest("DELETE", "/pushrules/global/underride/.m.rule.message", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/pushrules/global/room/none/enabled", "{\"enabled\":true}", 404, "M_NOT_FOUND"),
        BadRequest("PUT", "/pushrules/global/underride/.m.rule.message/enabled", "{}", 400, "M_MISSING_PARAM"),
        BadRequest("PUT", "/pushrules/global/underride/.m.rule.message/enabled", "{\"enabled\":1}", 400, "M_BAD_JSON"),
        BadRequest("PUT", "/pushrules/global/room/none/actions", "{\"actions\":[]}", 404, "M_NOT_FOUND"),
        BadRequest("PUT", "/pushrules/global/underride/.m.rule.message/actions", "{}", 400, "M_MISSING_PARAM"),
        BadRequest("PUT", "/user/{alice}/account_data/m.push_rules", "{}", 405, "M_BAD_JSON"),
    ]

    private static func pusher(_ change: String) -> String {
        "{\"app_id\":\"a\",\"pushkey\":\"k\",\"app_display_name\":\"n\",\"device_display_name\":\"n\",\"lang\":\"en\"\(change)}"
    }

    static let pushers: [BadRequest] = [
        BadRequest("GET", "/notifications", 401, "M_MISSING_TOKEN", token: .none),
        BadRequest("GET", "/notifications?from=yesterday", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/notifications?limit=-1", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/notifications?limit=many", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/pushers", 401, "M_MISSING_TOKEN", token: .none),
        BadRequest("POST", "/pushers/set", "{}", 400, "M_MISSING_PARAM"),
        BadRequest("POST", "/pushers/set", pusher(""), 400, "M_MISSING_PARAM"),
        BadRequest("POST", "/pushers/set", pusher(",\"kind\":\"http\""), 400, "M_MISSING_PARAM"),
        BadRequest("POST", "/pushers/set", pusher(",\"kind\":\"email\",\"data\":{}"), 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/pushers/set", pusher(",\"kind\":5,\"data\":{}"), 400, "M_BAD_JSON"),
        BadRequest("POST", "/pushers/set", pusher(",\"kind\":\"http\",\"data\":5"), 400, "M_BAD_JSON"),
        BadRequest("POST", "/pushers/set", pusher(",\"kind\":\"http\",\"data\":{}"), 400, "M_MISSING_PARAM"),
        BadRequest(
            "POST", "/pushers/set", pusher(",\"kind\":\"http\",\"data\":{\"url\":\"https://x.example/other\"}"), 400,
            "M_INVALID_PARAM"),
        BadRequest(
            "POST", "/pushers/set",
            pusher(",\"kind\":\"http\",\"append\":1,\"data\":{\"url\":\"https://x.example/_matrix/push/v1/notify\"}"), 400,
            "M_BAD_JSON"),
        BadRequest("POST", "/pushers/set", "{\"kind\":null,\"app_id\":\"a\"}", 400, "M_MISSING_PARAM"),
        BadRequest("POST", "/pushers/set", "{\"kind\":null,\"app_id\":\"\",\"pushkey\":\"k\"}", 400, "M_INVALID_PARAM"),
        BadRequest(
            "POST", "/pushers/set", "{\"kind\":null,\"app_id\":\"a\",\"pushkey\":\"\(String(repeating: "x", count: 513))\"}", 400,
            "M_INVALID_PARAM"),
    ]
}
