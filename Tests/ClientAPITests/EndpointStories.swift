import HTTPTypes
import MatrixModel
import Testing

@testable import ClientAPI

/// One walk through each family of endpoints.
struct EndpointStories {
    private let v3 = "/_matrix/client/v3"

    @Test("an account is made, asked for, and left by its tokens")
    func accounts() async throws {
        try await EdgeFixture.run { [v3] edge in
            let challenge = try await edge.send(.post, "\(v3)/register")
            #expect(challenge.status == 401)
            #expect(try challenge.json["flows"] == [["stages": ["m.login.dummy"]]])
            let guest = try await edge.send(.post, "\(v3)/register?kind=guest", "{}")
            #expect(try guest.status == 403 && guest.code == "M_GUEST_ACCESS_FORBIDDEN")
            #expect(try await edge.send(.get, "\(v3)/register/available?username=alice").status == 200)
            #expect(try await edge.send(.get, "\(v3)/register/available").code == "M_MISSING_PARAM")

            let token = try await edge.register("alice")
            #expect(try await edge.send(.get, "\(v3)/register/available?username=alice").code == "M_USER_IN_USE")
            let login = try await edge.send(
                .post, "/_matrix/client/r0/login",
                #"{"type":"m.login.password","identifier":{"type":"m.id.user","user":"alice"},"password":"secret","device_id":"X"}"#
            )
            #expect(try login.json["device_id"] == "X")
            let second = try #require(try login.json["access_token"]?.stringValue)
            let who = try await edge.send(.get, "\(v3)/account/whoami?access_token=\(second)")
            #expect(try who.json == ["user_id": "@alice:hearth.test", "device_id": "X", "is_guest": false])

            #expect(try await edge.send(.put, "\(v3)/devices/X", #"{"display_name":"Phone"}"#, token: token).status == 200)
            let device = try await edge.send(.get, "\(v3)/devices/X", token: token)
            #expect(try device.json["display_name"] == "Phone")
            #expect(try await edge.send(.delete, "\(v3)/devices/X", token: token).status == 401)
            let auth =
                #"{"auth":{"type":"m.login.password","identifier":{"type":"m.id.user","user":"alice"},"password":"secret"}}"#
            #expect(try await edge.send(.delete, "\(v3)/devices/X", auth, token: token).status == 200)
            #expect(try await edge.send(.get, "\(v3)/account/whoami", token: second).code == "M_UNKNOWN_TOKEN")
            #expect(try await edge.send(.post, "\(v3)/logout", token: token).status == 200)
            #expect(try await edge.send(.get, "\(v3)/account/whoami", token: token).code == "M_UNKNOWN_TOKEN")
        }
    }

    @Test("the server tells what it is")
    func server() async throws {
        try await EdgeFixture.run { [v3] edge in
            let versions = try await edge.send(.get, "/_matrix/client/versions").json
            #expect(versions["versions"]?.arrayValue?.last == "v1.16")
            #expect(versions["unstable_features"]?.objectValue?["org.matrix.msc3032"] == true)
            let token = try await edge.register("alice")
            let capabilities = try await edge.send(.get, "\(v3)/capabilities", token: token).json
            #expect(
                capabilities["capabilities"]?.objectValue?["m.room_versions"] == [
                    "default": "11", "available": ["11": "stable", "12": "stable"],
                ])
            for path in ["pushrules", "pushrules/"] {
                let rules = try await edge.send(.get, "\(v3)/\(path)", token: token).json
                #expect(rules["global"]?.objectValue?.count == 5)
            }
        }
    }

    @Test("two people meet in a room and read it")
    func rooms() async throws {
        try await EdgeFixture.run { [v3] edge in
            let (alice, bob) = (try await edge.register("alice"), try await edge.register("bob"))
            let room = try await edge.makeRoom(alice, #"{"preset":"public_chat","room_alias_name":"den","name":"Den"}"#)
            #expect(try await edge.send(.get, "\(v3)/directory/room/%23den%3Ahearth.test").json["room_id"]?.stringValue == room)
            let joined = try await edge.send(.post, "\(v3)/join/%23den:hearth.test", token: bob)
            #expect(try joined.json == ["room_id": .string(room)])

            let sent = try await edge.send(.put, "\(v3)/rooms/\(room)/send/m.room.message/t%2F1", #"{"body":"hi"}"#, token: bob)
            let id = try #require(try sent.json["event_id"]?.stringValue)
            let again = try await edge.send(.put, "\(v3)/rooms/\(room)/send/m.room.message/t%2F1", #"{"body":"hi"}"#, token: bob)
            #expect(try again.json["event_id"]?.stringValue == id)
            let event = try await edge.send(.get, "\(v3)/rooms/\(room)/event/\(id)", token: bob).json
            #expect(event["room_id"]?.stringValue == room)
            #expect(event["unsigned"] == ["transaction_id": "t/1"])
            let page = try await edge.send(.get, "\(v3)/rooms/\(room)/messages?dir=b&from=&limit=1", token: alice).json
            #expect(page["chunk"]?.arrayValue?.first?.objectValue?["event_id"]?.stringValue == id)
            let context = try await edge.send(.get, "\(v3)/rooms/\(room)/context/\(id)?limit=2", token: alice).json
            #expect(context["events_before"]?.arrayValue?.count == 1)
            #expect(context["event"]?.objectValue?["event_id"]?.stringValue == id)

            let floats = try await edge.send(.put, "\(v3)/rooms/\(room)/send/m.x/t2", #"{"n":1.5}"#, token: bob)
            #expect(try floats.status == 400 && floats.code == "M_BAD_JSON")
            #expect(try await edge.send(.put, "\(v3)/rooms/\(room)/redact/\(id)/t3", token: bob).status == 200)
            let members = try await edge.send(.get, "\(v3)/rooms/\(room)/members?membership=join", token: bob).json
            #expect(members["chunk"]?.arrayValue?.count == 2)
            let names = try await edge.send(.get, "\(v3)/rooms/\(room)/joined_members", token: bob).json
            #expect(names["joined"]?.objectValue?.count == 2)
            #expect(try await edge.send(.get, "\(v3)/joined_rooms", token: bob).json == ["joined_rooms": [.string(room)]])
            #expect(try await edge.send(.post, "\(v3)/rooms/\(room)/leave", token: bob).status == 200)
            #expect(try await edge.send(.post, "\(v3)/rooms/\(room)/forget", token: bob).status == 200)
            #expect(try await edge.send(.get, "\(v3)/joined_rooms", token: bob).json == ["joined_rooms": []])
        }
    }

    @Test("state keys may be left out, empty, or hold slashes")
    func state() async throws {
        try await EdgeFixture.run { [v3] edge in
            let token = try await edge.register("alice")
            let room = try await edge.makeRoom(token)
            let path = "\(v3)/rooms/\(room)/state"
            for (put, get) in [("/a.b", "/a.b/"), ("/c%2Fd/", "/c%2Fd"), ("/e/f%2Fg%20h+i", "/e/f%2fg%20h%2Bi")] {
                #expect(try await edge.send(.put, path + put, #"{"at":"\#(put)"}"#, token: token).status == 200)
                #expect(try await edge.send(.get, path + get, token: token).json == ["at": .string(put)])
            }
            let event = try await edge.send(.get, "\(path)/e/f%2Fg%20h+i?format=event", token: token).json
            #expect(event["state_key"] == "f/g h+i")
            #expect(event["room_id"]?.stringValue == room)
            let whole = try await edge.send(.get, path, token: token)
            #expect(try JSON(parsing: whole.bytes).arrayValue?.count ?? 0 > 5)
            #expect(try await edge.send(.get, "\(path)/nothing", token: token).code == "M_NOT_FOUND")
        }
    }

    @Test("profiles are read by everybody and written by their users")
    func profiles() async throws {
        try await EdgeFixture.run { [v3] edge in
            let token = try await edge.register("alice")
            let path = "\(v3)/profile/%40alice%3Ahearth.test"
            #expect(try await edge.send(.put, "\(path)/displayname", #"{"displayname":"Al"}"#, token: token).status == 200)
            #expect(try await edge.send(.get, path).json == ["displayname": "Al"])
            #expect(try await edge.send(.get, "\(path)/displayname").json == ["displayname": "Al"])
            #expect(try await edge.send(.put, "\(path)/displayname", "{}", token: token).code == "M_MISSING_PARAM")
            #expect(try await edge.send(.delete, "\(path)/displayname", token: token).status == 200)
            #expect(try await edge.send(.get, "\(path)/displayname").code == "M_NOT_FOUND")
            #expect(try await edge.send(.get, "\(v3)/profile/@nobody:hearth.test").code == "M_NOT_FOUND")
            #expect(
                try await edge.send(.put, "\(v3)/profile/@bob:hearth.test/x", #"{"x":1}"#, token: token).code == "M_FORBIDDEN")
        }
    }

    @Test("presence is set, seen by others and by oneself, and the old way says that it is going away")
    func presence() async throws {
        try await EdgeFixture.run(["presence.audience": "everyone"]) { [v3] edge in
            let (alice, bob) = (try await edge.register("alice"), try await edge.register("bob"))
            let path = "\(v3)/presence/@alice:hearth.test/status"
            let put = try await edge.send(.put, path, #"{"presence":"busy","status_msg":"call"}"#, token: alice)
            #expect(put.status == 200, "\(put)")
            #expect(put.headers[.deprecation]?.hasPrefix("@") == true)
            #expect(try await edge.send(.put, path, #"{"presence":"busy"}"#, token: bob).code == "M_FORBIDDEN")
            #expect(try await edge.send(.put, path, #"{"presence":"away"}"#, token: alice).code == "M_INVALID_PARAM")
            let own = try await edge.send(
                .get, "/_matrix/client/unstable/io.hearth/presence/@alice:hearth.test/status", token: alice)
            #expect(try own.json["io.hearth.manual"]?.objectValue?["presence"] == "busy")
            #expect(own.headers[.deprecation] == nil)
            let seen = try await edge.send(.get, path, token: bob)
            #expect(try seen.json["status_msg"] == "call")
            #expect(try seen.json["io.hearth.manual"] == nil)
            #expect(seen.headers[.deprecation] != nil)
            #expect(try await edge.send(.get, path, token: alice).json["io.hearth.manual"] != nil)
            let clear = "/_matrix/client/unstable/io.hearth/presence/@alice:hearth.test/status"
            #expect(try await edge.send(.delete, clear, token: bob).code == "M_FORBIDDEN")
            #expect(try await edge.send(.delete, clear, token: alice).status == 200)
            #expect(try await edge.send(.get, clear, token: alice).json["io.hearth.manual"]?.isNull == true)
        }
    }

    @Test("a sync shows a peeked profile room, then only what is new, then the peek's end")
    func syncAndPeek() async throws {
        try await EdgeFixture.run(["presence.audience": "everyone"]) { [v3] edge in
            let (alice, bob) = (try await edge.register("alice"), try await edge.register("bob"))
            let peek = try await edge.send(.post, "\(v3)/peek/%23@bob:hearth.test", token: alice)
            let room = try #require(try peek.json["room_id"]?.stringValue, "\(peek)")
            let first = try await edge.send(.get, "\(v3)/sync", token: alice).json
            let peeked = first["rooms"]?.objectValue?["peek"]?.objectValue?[room]?.objectValue
            #expect(peeked?["state"]?.objectValue?["events"]?.arrayValue?.isEmpty == false)
            let since = try #require(first["next_batch"]?.stringValue)
            _ = try await edge.send(.put, "\(v3)/presence/@bob:hearth.test/status", #"{"presence":"busy"}"#, token: bob)
            _ = try await edge.send(.put, "\(v3)/profile/@bob:hearth.test/m.status", #"{"m.status":{"text":"x"}}"#, token: bob)
            let filter = "%7B%22presence%22%3A%7B%22types%22%3A%5B%5D%7D%7D"
            let news = try await edge.send(.get, "\(v3)/sync?since=\(since)&timeout=0&filter=\(filter)", token: alice).json
            let timeline = news["rooms"]?.objectValue?["peek"]?.objectValue?[room]?.objectValue?["timeline"]?.objectValue
            #expect(timeline?["events"]?.arrayValue?.last?.objectValue?["type"] == "m.status")
            #expect(try await edge.send(.post, "\(v3)/rooms/\(room)/unpeek", token: alice).status == 200)
            #expect(try await edge.send(.post, "\(v3)/rooms/\(room)/unpeek", token: alice).code == "M_BAD_STATE")
            let end = try await edge.send(.get, "\(v3)/sync?since=\(news["next_batch"]?.stringValue ?? "")", token: alice).json
            #expect(end["rooms"]?.objectValue?["leave"]?.objectValue?[room] != nil)
        }
    }

    @Test("account data and filters hold any number and come back as they were")
    func accountData() async throws {
        try await EdgeFixture.run { [v3] edge in
            let token = try await edge.register("alice")
            let user = "\(v3)/user/@alice:hearth.test"
            #expect(try await edge.send(.put, "\(user)/account_data/x%2Fy", #"{"n":0.5}"#, token: token).status == 200)
            #expect(try await edge.send(.get, "\(user)/account_data/x%2Fy", token: token).json == ["n": .double(0.5)])
            #expect(try await edge.send(.put, "\(user)/account_data/m.push_rules", "{}", token: token).status == 405)
            let room = try await edge.makeRoom(token)
            let path = "\(user)/rooms/\(room)/account_data/m.tag"
            #expect(try await edge.send(.put, path, #"{"tags":{}}"#, token: token).status == 200)
            #expect(try await edge.send(.get, path, token: token).json == ["tags": [:]])
            let stored = try await edge.send(.post, "\(user)/filter", #"{"room":{"timeline":{"limit":1}}}"#, token: token)
            let id = try #require(try stored.json["filter_id"]?.stringValue)
            #expect(try await edge.send(.get, "\(user)/filter/\(id)", token: token).json["room"] != nil)
            #expect(try await edge.send(.get, "\(v3)/sync?filter=\(id)", token: token).status == 200)
        }
    }
}
