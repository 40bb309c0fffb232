import HTTPTypes
import MatrixModel
import Testing

@testable import ClientAPI

/// What every request goes through.
struct EdgeTests {
    @Test("unknown paths are 404, known ones with another method 405, both M_UNRECOGNIZED and readable for browsers")
    func unrecognized() async throws {
        try await EdgeFixture.run { edge in
            for (method, path, status) in [
                (HTTPRequest.Method.get, "/_matrix/client/v3/nothing", 404), (.post, "/_matrix/client/v3/keys/nothing", 404),
                (.get, "/", 404), (.get, "/_matrix/client/v1/sync", 404), (.delete, "/_matrix/client/v3/sync", 405),
                (.get, "/_matrix/client/r0/createRoom", 405), (.init("BREW") ?? .trace, "/_matrix/client/versions", 405),
                (.head, "/_matrix/client/v3/createRoom", 405),
            ] {
                let answer = try await edge.send(method, path)
                #expect(answer.status == status, "\(method) \(path)")
                #expect(answer.headers[.accessControlAllowOrigin] == "*")
                #expect(answer.headers[.contentType] == "application/json")
                if method == .head {
                    #expect(answer.bytes.isEmpty)
                } else {
                    #expect(try answer.code == "M_UNRECOGNIZED", "\(method) \(path)")
                }
            }
        }
    }

    @Test("a browser's question before the question is answered for every path, without a token")
    func preflight() async throws {
        try await EdgeFixture.run { edge in
            for path in ["/_matrix/client/v3/sync", "/_matrix/client/v3/nothing", "/", "*"] {
                let answer = try await edge.send(.options, path)
                #expect(answer.status == 200)
                #expect(answer.headers[.accessControlAllowOrigin] == "*")
                #expect(answer.headers[.accessControlAllowMethods] == "GET, POST, PUT, DELETE, OPTIONS")
                #expect(answer.headers[.accessControlAllowHeaders] == "X-Requested-With, Content-Type, Authorization")
            }
        }
    }

    @Test("every endpoint for users refuses requests without a token, and with an unknown one")
    func tokens() async throws {
        try await EdgeFixture.run { edge in
            for endpoint in Endpoints.all where endpoint is any UserEndpoint.Type {
                for path in endpoint.paths {
                    let missing = try await edge.send(endpoint.method, path)
                    #expect(missing.status == 401, "\(path)")
                    #expect(try missing.code == "M_MISSING_TOKEN", "\(path)")
                    let unknown = try await edge.send(endpoint.method, path + "?access_token=nobody")
                    #expect(unknown.status == 401, "\(path)")
                    #expect(try unknown.code == "M_UNKNOWN_TOKEN", "\(path)")
                }
            }
        }
    }

    @Test("these endpoints and no others are open to everybody")
    func open() {
        let open = Endpoints.all.filter { !($0 is any UserEndpoint.Type) }.map { "\($0)" }
        #expect(
            Set(open) == [
                "GetVersions", "GetLoginFlows", "PostLogin", "PostRegister", "GetRegisterAvailable", "GetAlias", "GetProfile",
                "GetProfileField", "GetRegistrationTokenValidity", "GetWellKnownClient", "GetDirectoryVisibility",
                "GetPublicRooms",
                "GetProfileField", "GetRegistrationTokenValidity", "GetOldDownload", "GetOldDownloadAs", "GetOldThumbnail",
            ])
    }

    @Test("with presence served through profile rooms alone, the old GET is 405 and PUT stays")
    func withoutLegacy() async throws {
        try await EdgeFixture.run(["legacy.enabled": "false"]) { edge in
            let token = try await edge.register("alice")
            let path = "/_matrix/client/v3/presence/@alice:hearth.test/status"
            let get = try await edge.send(.get, path, token: token)
            #expect(get.status == 405)
            #expect(try get.code == "M_UNRECOGNIZED")
            let put = try await edge.send(.put, path, #"{"presence":"busy","status_msg":"x"}"#, token: token)
            #expect(put.status == 200)
            #expect(put.headers[.deprecation] == nil)
            #expect(try await edge.send(.get, "/_matrix/client/v3/profile/@alice:hearth.test/m.status").status == 404)
        }
    }

    @Test("a body over the limit is 413, whether its length was told or not")
    func largeBodies() async throws {
        try await EdgeFixture.run(["limits.request_body": "1024"]) { edge in
            let token = try await edge.register("alice")
            let path = "/_matrix/client/v3/user/@alice:hearth.test/account_data/x"
            let fitting = #"{"a":"\#(String(repeating: "x", count: 1024 - 8))"}"#
            #expect(try await edge.send(.put, path, fitting, token: token).status == 200)
            for headers in [[:], [.contentLength: "1025"]] as [HTTPFields] {
                let answer = try await edge.send(.put, path, fitting + " ", token: token, headers: headers)
                #expect(answer.status == 413)
                #expect(try answer.code == "M_TOO_LARGE")
                #expect(answer.headers[.connection] == "close")
                #expect(answer.headers[.accessControlAllowOrigin] == "*")
            }
        }
    }

    @Test(
        "ids in paths that are none are 400, somebody else's user id is 403",
        arguments: [
            (HTTPRequest.Method.get, "/rooms/nope/state", 400, "M_INVALID_PARAM"),
            (.get, "/rooms/%21a%3Ab/event/x", 400, "M_INVALID_PARAM"),
            (.get, "/profile/alice", 400, "M_INVALID_PARAM"), (.post, "/join/x", 400, "M_INVALID_PARAM"),
            (.get, "/directory/room/x", 400, "M_INVALID_PARAM"), (.get, "/rooms/%zz/state", 400, "M_INVALID_PARAM"),
            (.get, "/user/@bob:hearth.test/account_data/x", 403, "M_FORBIDDEN"),
            (.get, "/user/@bob:hearth.test/filter/1", 403, "M_FORBIDDEN"),
            (.get, "/user/@alice:hearth.test/filter/1", 404, "M_NOT_FOUND"),
            (.get, "/rooms/!x:hearth.test/messages", 400, "M_MISSING_PARAM"),
            (.get, "/rooms/!x:hearth.test/messages?dir=x", 400, "M_INVALID_PARAM"),
            (.get, "/sync?filter=77", 400, "M_INVALID_PARAM"),
            (.get, "/rooms/!x:hearth.test/messages?dir=b&from=x", 400, "M_INVALID_PARAM"),
            (.get, "/sync?filter=%7B", 400, "M_NOT_JSON"),
            (.get, "/sync?filter=%7B%22room%22%3A1%7D", 400, "M_BAD_JSON"), (.get, "/sync?since=x", 400, "M_INVALID_PARAM"),
            (.get, "/rooms/!x:hearth.test/members?membership=x", 400, "M_INVALID_PARAM"),
            (.get, "/rooms/!x:hearth.test/state", 404, "M_NOT_FOUND"),
        ])
    func refusals(method: HTTPRequest.Method, path: String, status: Int, code: String) async throws {
        try await EdgeFixture.run { edge in
            let token = try await edge.register("alice")
            let answer = try await edge.send(method, "/_matrix/client/v3" + path, token: token)
            #expect(answer.status == status, "\(answer)")
            #expect(try answer.code == code)
        }
    }
}
