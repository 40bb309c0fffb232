import HearthTestKit
import MatrixModel
import Testing

@Suite("What clients ask for when they start")
struct ClientStartStory {
    @Test("a server that was told nothing offers nothing, and says so in the spec's words")
    func bare() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let nobody = hearth.client
            #expect(try await nobody.get("/.well-known/matrix/client", expecting: 404).errorCode == "M_UNRECOGNIZED")
            #expect(try await nobody.get("/.well-known/matrix/support", expecting: 404).errorCode == "M_UNRECOGNIZED")
            #expect(try await alice.get("/voip/turnServer").json == [:])
            #expect(try await alice.get("/thirdparty/protocols").json == [:])
            #expect(try await alice.get("/account/3pid").json == ["threepids": []])
            #expect(try await nobody.get("/_matrix/client/v1/auth_metadata", expecting: 404).errorCode == "M_UNRECOGNIZED")
            let login = try await nobody.post("/login", Self.login)
            #expect(login["well_known"] == nil)
        }
    }

    @Test("capabilities name what a user may change")
    func capabilities() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let capabilities = try await alice.get("/capabilities")["capabilities"]
            let expected = [
                "m.change_password": true, "m.set_displayname": true, "m.set_avatar_url": true, "m.profile_fields": true,
                "m.3pid_changes": false, "m.get_login_token": false,
            ]
            for (key, isEnabled) in expected { #expect(capabilities?[key, "enabled"] == .bool(isEnabled), "\(key)") }
            #expect(capabilities?["m.room_versions", "default"] == "11")
            #expect(capabilities?["m.room_versions", "available"] == ["11": "stable", "12": "stable"])
        }
    }

    @Test("a public URL is told at log-in and in the well-known file, without a slash at its end")
    func publicURL() async throws {
        try await withHearth(settings: ["server.public_url": "https://matrix.example.org/"]) { hearth in
            _ = try await hearth.client.register("alice")
            let wellKnown: JSON = ["m.homeserver": ["base_url": "https://matrix.example.org"]]
            let file = try await hearth.client.get("/.well-known/matrix/client")
            #expect(file.json == wellKnown)
            #expect(file.header("Access-Control-Allow-Origin") == "*")
            #expect(try await hearth.client.post("/login", Self.login)["well_known"] == wellKnown)
        }
    }

    @Test("credentials for the TURN servers end by themselves and name their user")
    func turn() async throws {
        let settings = [
            "turn.uris": "turn:turn.example.org?transport=udp,turns:turn.example.org", "turn.secret": "north", "turn.ttl": "1h",
        ]
        try await withHearth(settings: settings) { hearth in
            let alice = try await hearth.client.register("alice")
            let answer = try await alice.get("/voip/turnServer")
            #expect(answer["uris"] == ["turn:turn.example.org?transport=udp", "turns:turn.example.org"])
            #expect(answer["ttl"] == 3600)
            let parts = try answer.string("username").split(separator: ":", maxSplits: 1)
            #expect(parts.last == "@alice:localhost")
            #expect(parts.first.flatMap { Int64($0) } ?? 0 > 1_700_000_000)
            #expect(try answer.string("password").utf8.count == 28)
            #expect(!hearth.errorOutput.contains("north"))
        }
    }

    private static let login: JSON = [
        "type": "m.login.password", "identifier": ["type": "m.id.user", "user": "alice"],
        "password": "correct horse battery staple",
    ]
}
