extension BadRequestTable {
    static let encryption: [BadRequest] = keys + backups

    private static let keys: [BadRequest] = [
        BadRequest("POST", "/keys/upload", "{\"device_keys\":5}", 400, "M_BAD_JSON"),
        BadRequest("POST", "/keys/upload", "{\"device_keys\":{}}", 400, "M_MISSING_PARAM"),
        BadRequest("POST", "/keys/upload", deviceKeys(user: "{bob}", device: "{device}"), 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/keys/upload", deviceKeys(user: "{alice}", device: "OTHER"), 400, "M_INVALID_PARAM"),
        BadRequest(
            "POST", "/keys/upload", deviceKeys(user: "{alice}", device: "{device}", key: "ed25519:OTHER"), 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/keys/upload", "{\"one_time_keys\":[]}", 400, "M_BAD_JSON"),
        BadRequest("POST", "/keys/upload", "{\"one_time_keys\":{\"a:b\":5}}", 400, "M_BAD_JSON"),
        BadRequest("POST", "/keys/upload", "{\"one_time_keys\":{\"a:b\":{\"key\":1}}}", 400, "M_BAD_JSON"),
        BadRequest("POST", "/keys/upload", "{\"one_time_keys\":{\"a:b\":{\"key\":\"x\",\"n\":1.5}}}", 400, "M_BAD_JSON"),
        BadRequest("POST", "/keys/upload", "{\"one_time_keys\":{\"noname\":\"x\"}}", 400, "M_INVALID_PARAM"),
        BadRequest(
            "POST", "/keys/upload", "{\"one_time_keys\":{\"a:b\":\"\(String(repeating: "x", count: 9_000))\"}}", 413,
            "M_TOO_LARGE"),
        BadRequest("POST", "/keys/upload", "{\"fallback_keys\":{\"a:1\":\"x\",\"a:2\":\"y\"}}", 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/keys/query", "{}", 400, "M_MISSING_PARAM"),
        BadRequest("POST", "/keys/query", "{\"device_keys\":{\"bob\":[]}}", 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/keys/query", "{\"device_keys\":{\"{bob}\":5}}", 400, "M_BAD_JSON"),
        BadRequest("POST", "/keys/query", "{\"device_keys\":{\"{bob}\":[5]}}", 400, "M_BAD_JSON"),
        BadRequest("POST", "/keys/claim", "{}", 400, "M_MISSING_PARAM"),
        BadRequest("POST", "/keys/claim", "{\"one_time_keys\":{\"{bob}\":[]}}", 400, "M_BAD_JSON"),
        BadRequest("POST", "/keys/claim", "{\"one_time_keys\":{\"{bob}\":{\"D\":5}}}", 400, "M_BAD_JSON"),
        BadRequest("GET", "/keys/changes", 400, "M_MISSING_PARAM"),
        BadRequest("GET", "/keys/changes?from=s1", 400, "M_MISSING_PARAM"),
        BadRequest("GET", "/keys/changes?from=x&to=s1", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/keys/changes?from=s5d5&to=s1", 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/keys/device_signing/upload", "{\"master_key\":[]}", 400, "M_BAD_JSON"),
        BadRequest("POST", "/keys/signatures/upload", "{\"{alice}\":5}", 400, "M_BAD_JSON"),
        BadRequest("POST", "/keys/signatures/upload", "{\"alice\":{}}", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/sendToDevice/m.test/x{n}", "{}", 400, "M_MISSING_PARAM"),
        BadRequest("PUT", "/sendToDevice/m.test/x{n}", "{\"messages\":{\"{bob}\":[]}}", 400, "M_BAD_JSON"),
        BadRequest("PUT", "/sendToDevice/m.test/x{n}", "{\"messages\":{\"{bob}\":{\"*\":5}}}", 400, "M_BAD_JSON"),
        BadRequest("PUT", "/sendToDevice/m.test/x{n}", "{\"messages\":{\"bob\":{}}}", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "/keys/upload", 405, "M_UNRECOGNIZED"),
    ]

    private static let backups: [BadRequest] = [
        BadRequest("GET", "/room_keys/version", 404, "M_NOT_FOUND"),
        BadRequest("GET", "/room_keys/version/nothing", 404, "M_NOT_FOUND"),
        BadRequest("DELETE", "/room_keys/version/1", 404, "M_NOT_FOUND"),
        BadRequest("POST", "/room_keys/version", "{}", 400, "M_MISSING_PARAM"),
        BadRequest("POST", "/room_keys/version", "{\"algorithm\":\"a\",\"auth_data\":5}", 400, "M_BAD_JSON"),
        BadRequest("PUT", "/room_keys/version/1", "{\"algorithm\":\"a\",\"auth_data\":{}}", 404, "M_NOT_FOUND"),
        BadRequest("GET", "/room_keys/keys", 400, "M_MISSING_PARAM"),
        BadRequest("GET", "/room_keys/keys?version=1", 404, "M_NOT_FOUND"),
        BadRequest("GET", "/room_keys/keys/nope?version=1", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/room_keys/keys?version=1", "{}", 400, "M_MISSING_PARAM"),
        BadRequest("PUT", "/room_keys/keys?version=1", "{\"rooms\":{\"nope\":{\"sessions\":{}}}}", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/room_keys/keys?version=1", "{\"rooms\":{}}", 404, "M_NOT_FOUND"),
        BadRequest("PUT", "/room_keys/keys/{room}/s?version=1", "{\"first_message_index\":0}", 400, "M_MISSING_PARAM"),
        BadRequest("PUT", "/room_keys/keys/{room}/s?version=1", "{\"first_message_index\":-1}", 400, "M_BAD_JSON"),
    ]

    private static func deviceKeys(user: String, device: String, key: String = "ed25519:{device}") -> String {
        "{\"device_keys\":{\"user_id\":\"\(user)\",\"device_id\":\"\(device)\",\"algorithms\":[],"
            + "\"keys\":{\"\(key)\":\"x\"},\"signatures\":{}}}"
    }
}
