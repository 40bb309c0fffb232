import HTTPTypes
import MatrixModel
import Testing

@testable import AdminAPI

/// What every request to the admin API goes through.
struct AdminEndpointTests {
    /// The pattern with something in place of its parameters.
    private static func path(_ endpoint: any AdminEndpoint.Type, user: String = "@alice:hearth.test") -> String {
        endpoint.pattern.split(separator: "/", omittingEmptySubsequences: false).map { component in
            component == ":userID" ? user : component.first == ":" ? "none" : String(component)
        }.joined(separator: "/")
    }

    @Test("every endpoint refuses requests without a token, with an unknown one, and of who is no administrator")
    func refusals() async throws {
        try await EdgeFixture.run { edge in
            let alice = try await edge.register("alice")
            for endpoint in AdminAPI.endpoints {
                let path = Self.path(endpoint)
                for (token, status, code) in [
                    (nil, 401, "M_MISSING_TOKEN"), ("nobody", 401, "M_UNKNOWN_TOKEN"), (alice, 403, "M_FORBIDDEN"),
                ] {
                    let answer = try await edge.send(endpoint.method, path, "{}", token: token)
                    #expect(answer.status == status, "\(endpoint.method) \(path)")
                    #expect(try answer.code == code, "\(endpoint.method) \(path)")
                    #expect(answer.headers[.accessControlAllowOrigin] == "*")
                }
            }
            let shown = try await edge.send(.get, "/_matrix/client/v3/account/whoami", token: alice)
            #expect(shown.status == 200, "nothing was done to her")
        }
    }

    @Test("no bad request gets a 5xx: bodies, ids and queries that are none are the client's errors")
    func badRequests() async throws {
        try await EdgeFixture.run { edge in
            let admin = try await edge.makeAdmin("admin")
            func expectRefusal(_ method: HTTPRequest.Method, _ path: String, _ body: String = "{}") async throws {
                let answer = try await edge.send(method, path, body, token: admin)
                #expect((400..<500).contains(answer.status), "\(method) \(path) \(body): \(answer)")
                #expect(try answer.code?.hasPrefix("M_") == true, "\(method) \(path) \(body): \(answer)")
            }
            let strangers = ["nobody", "@nobody:hearth.test", "@admin:elsewhere.test", "@_hearth:hearth.test", "%00", "%zz"]
            for endpoint in AdminAPI.endpoints {
                try await expectRefusal(endpoint.method, Self.path(endpoint) + "?x=%zz")
                guard endpoint.path.contains(":") else { continue }
                for stranger in strangers {
                    try await expectRefusal(
                        endpoint.method, Self.path(endpoint, user: stranger), #"{"new_password":"secret"}"#)
                }
            }
            let noBodies = ["{", "[]", "null", #"{"a":1,"a":2}"#, #"{"a":"\u0000"}"#]
            let reset = Self.path(PostResetPassword.self, user: "@admin:hearth.test")
            for body in noBodies + [
                "", "{}", #"{"new_password":5}"#, #"{"new_password":""}"#, #"{"new_password":"x","logout_devices":"yes"}"#,
                #"{"new_password":"\#(String(repeating: "x", count: 600))"}"#,
            ] {
                try await expectRefusal(.post, reset, body)
            }
            for body in noBodies {
                try await expectRefusal(.post, Self.path(PostDeactivateUser.self, user: "@admin:hearth.test"), body)
            }
            for body in noBodies + [
                #"{"uses_allowed":0}"#, #"{"uses_allowed":-1}"#, #"{"uses_allowed":1.5}"#, #"{"uses_allowed":99999999999}"#,
                #"{"uses_allowed":"x"}"#, #"{"lifetime_ms":-1}"#, #"{"lifetime_ms":9007199254740991}"#, #"{"lifetime_ms":[]}"#,
            ] {
                try await expectRefusal(.post, Self.path(PostRegistrationToken.self), body)
            }
            let long = String(repeating: "x", count: 300)
            for query in ["limit=-1", "limit=x", "limit=1.5", "from=%zz", "search=%ff", "search=\(long)", "from=\(long)"] {
                try await expectRefusal(.get, Self.path(GetUsers.self) + "?" + query)
            }
            let whoAmI = try await edge.send(.get, "/_matrix/client/v3/account/whoami", token: admin)
            #expect(whoAmI.status == 200, "nothing was done")
        }
    }
}
