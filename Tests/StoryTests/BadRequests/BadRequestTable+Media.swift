extension BadRequestTable {
    private static let v1 = "/_matrix/client/v1/media"

    static let media: [BadRequest] = [
        BadRequest("GET", "\(v1)/config", 401, "M_MISSING_TOKEN", token: .none),
        BadRequest("GET", "\(v1)/download/localhost/x", 401, "M_MISSING_TOKEN", token: .none),
        BadRequest("GET", "\(v1)/download/localhost/x", 401, "M_UNKNOWN_TOKEN", token: .unknown),
        BadRequest("GET", "\(v1)/thumbnail/localhost/x?width=1&height=1", 401, "M_MISSING_TOKEN", token: .none),
        BadRequest("GET", "\(v1)/download/localhost/none{n}", 404, "M_NOT_FOUND"),
        BadRequest("GET", "\(v1)/download/localhost/none{n}/a%0d%0ab", 404, "M_NOT_FOUND"),
        BadRequest("GET", "\(v1)/download/far.example/x", 404, "M_NOT_FOUND"),
        BadRequest("GET", "\(v1)/download/localhost/..%2F..%2Fhearth.db", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "\(v1)/download/localhost/\(String(repeating: "x", count: 256))", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "\(v1)/download/%2e%2e/x%00", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "\(v1)/download/localhost/x?timeout_ms=-1", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "\(v1)/thumbnail/localhost/x", 400, "M_MISSING_PARAM"),
        BadRequest("GET", "\(v1)/thumbnail/localhost/x?width=0&height=1", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "\(v1)/thumbnail/localhost/x?width=1&height=99999999999999999999", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "\(v1)/thumbnail/localhost/x?width=1&height=1&method=stretch", 400, "M_INVALID_PARAM"),
        BadRequest("GET", "\(v1)/preview_url?url=x", 404, "M_UNRECOGNIZED"),
        BadRequest("POST", "\(v1)/config", "{}", 405, "M_UNRECOGNIZED"),
        BadRequest("GET", "/_matrix/media/v3/download/localhost/x", 404, "M_NOT_FOUND"),
        BadRequest("GET", "/_matrix/media/r0/thumbnail/localhost/x?width=1&height=1", 404, "M_NOT_FOUND", token: .none),
        BadRequest("POST", "/_matrix/media/v3/upload", "x", 401, "M_MISSING_TOKEN", token: .none),
        BadRequest("POST", "/_matrix/media/v3/upload?filename=a%00", "x", 400, "M_INVALID_PARAM"),
        BadRequest(
            "POST", "/_matrix/media/v3/upload?filename=\(String(repeating: "x", count: 1025))", "x", 400, "M_INVALID_PARAM"),
        BadRequest("PUT", "/_matrix/media/v3/upload/localhost/none{n}", "x", 404, "M_NOT_FOUND"),
        BadRequest("PUT", "/_matrix/media/v3/upload/far.example/x", "x", 404, "M_NOT_FOUND"),
        BadRequest("PUT", "/_matrix/media/v3/upload/localhost/a%2Fb", "x", 400, "M_INVALID_PARAM"),
        BadRequest("POST", "/_matrix/media/v1/create", "[]", 400, "M_BAD_JSON"),
        BadRequest("POST", "/_matrix/media/v1/create", "{}", 401, "M_MISSING_TOKEN", token: .none),
    ]
}
