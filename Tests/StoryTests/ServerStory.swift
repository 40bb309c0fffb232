import HearthTestKit
import MatrixModel
import Testing

@Suite("What a client asks before anything else")
struct ServerStory {
    @Test("the server tells its versions, its ways to log in and what it is capable of")
    func server() async throws {
        try await withHearth { hearth in
            let anyone = hearth.client
            let versions = try await anyone.get("/_matrix/client/versions")
            #expect(versions["versions"]?.arrayValue?.contains("v1.16") == true)
            let flows = try await anyone.get("/login")["flows"]?.arrayValue ?? []
            #expect(flows.contains { $0["type"] == "m.login.password" })

            let alice = try await anyone.register("alice")
            let capabilities = try await alice.get("/capabilities")
            #expect(capabilities["capabilities", "m.room_versions", "default"] == "11")
            let rules = try await alice.get("/pushrules/")
            #expect(try await alice.get("/pushrules/global/").json == rules["global"])
        }
    }

    @Test("a user names her devices, and ends one with her password")
    func devices() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice", deviceID: "LAPTOP")
            let phone = try await hearth.client.login("alice", deviceID: "PHONE")
            try await alice.put("/devices/PHONE", ["display_name": "Telephone"])
            let devices = try await alice.get("/devices")["devices"]?.arrayValue ?? []
            #expect(Set(devices.compactMap { $0["device_id"]?.stringValue }) == ["LAPTOP", "PHONE"])
            #expect(try await phone.get("/devices/PHONE")["display_name"] == "Telephone")

            let challenge = try await alice.request("DELETE", "/devices/PHONE", body: [:])
            #expect(challenge.status == 401 && challenge["flows"]?.arrayValue?.isEmpty == false)
            let auth: JSON = [
                "auth": [
                    "type": "m.login.password", "password": "correct horse battery staple",
                    "identifier": ["type": "m.id.user", "user": "alice"], "session": challenge["session"] ?? "",
                ]
            ]
            #expect(try await alice.request("DELETE", "/devices/PHONE", body: auth).status == 200)
            let gone = try await phone.request("GET", "/account/whoami")
            #expect(gone.status == 401 && gone.errorCode == "M_UNKNOWN_TOKEN")
        }
    }
}
