import HearthTestKit
import MatrixModel

/// The users, rooms and events that bad requests name, and how they are written into templates.
struct BadRequestScene: Sendable {
    private let hearth: HearthProcess
    private let users: [String: MatrixClient]
    /// `{alice}` and so on, with what they stand for.
    private let names: [String: String]
    private let tokens: [String: String]
    /// Positions that syncs and pages gave out before the first restart, to mallory and to bob.
    let positions: [String]

    init(_ hearth: HearthProcess) async throws {
        let alice = try await hearth.client.register("alice")
        let bob = try await hearth.client.register("bob")
        let mallory = try await hearth.client.register("mallory")
        let room = try await alice.createRoom(["preset": "public_chat", "room_alias_name": "taken"])
        let secret = try await bob.createRoom(["preset": "private_chat"])
        let event = try await alice.sendText("hello", to: room)
        let foreignEvent = try await bob.sendText("secret", to: secret)
        let profile = try await alice.peekProfile(of: alice.userID)
        let bobProfile = try await bob.peekProfile(of: bob.userID)
        try await mallory.join(room)
        let malloryProfile = try await mallory.peekProfile(of: mallory.userID)
        var positions: [String] = []
        for (user, room) in [(mallory, room), (bob, secret)] {
            positions.append(try await user.sync(setPresence: "offline").nextBatch)
            for direction in ["b", "f"] {
                let page = try await user.get("/rooms/\(room)/messages", query: ["dir": direction, "limit": "1"])
                positions += [try page.string("start"), page["end"]?.stringValue].compactMap { $0 }
            }
        }
        self.positions = positions
        self.hearth = hearth
        users = ["alice": alice, "bob": bob, "mallory": mallory]
        names = [
            "alice": alice.userID, "bob": bob.userID, "mallory": mallory.userID, "room": room, "secret": secret, "event": event,
            "foreignEvent": foreignEvent, "profile": profile, "bobProfile": bobProfile,
            "malloryProfile": malloryProfile,
            "device": alice.deviceID,
        ]
        tokens = ["alice": alice.session?.accessToken ?? "", "mallory": mallory.session?.accessToken ?? ""]
    }

    /// Where the server listens now; after a restart it is elsewhere.
    var url: String { get throws { try hearth.baseURL } }

    /// Uses every account: what bad requests left behind is in nobody's way. Returns what is.
    func faultsOfAccounts() async throws -> [String] {
        var faults: [String] = []
        for (name, user) in users.sorted(by: { $0.key < $1.key }) {
            let id = user.userID
            let paths: [(path: MatrixPath, allowed: Set<Int>)] = [
                ("/account/whoami", [200]), ("/joined_rooms", [200]), ("/devices", [200]), ("/pushrules/", [200]),
                ("/pushers", [200]), ("/notifications", [200]), ("/profile/\(id)", [200]), ("/presence/\(id)/status", [200]),
                ("/room_keys/version", [200, 404]), ("/publicRooms", [200]),
            ]
            for (path, allowed) in paths {
                let answer = try await user.request("GET", path)
                if !allowed.contains(answer.status) {
                    faults.append("\(name): GET \(path): \(answer.status) \(answer.json.text)")
                }
            }
            for query in [["full_state": "true"], [:]] {
                let sync = try await user.request("GET", "/sync", query: query.merging(["set_presence": "offline"]) { $1 })
                guard sync.status == 200 else {
                    faults.append("\(name): sync: \(sync.status) \(sync.json.text)")
                    continue
                }
                for room in sync.json["rooms", "join"]?.objectValue?.keys.map({ $0 }) ?? [] {
                    let messages = try await user.request("GET", "/rooms/\(room)/messages", query: ["dir": "b"])
                    if messages.status != 200 { faults.append("\(name): messages of \(room): \(messages.status)") }
                }
            }
            let put = try await user.request("PUT", "/presence/\(id)/status", body: ["presence": "online"])
            if put.status != 200 { faults.append("\(name): presence: \(put.status) \(put.json.text)") }
        }
        return faults
    }

    func token(of user: String) -> String { tokens[user] ?? "" }

    /// The template with every `{name}` replaced; `number` stands for `{n}`, which makes a request new.
    func fill(_ template: String, number: Int, encoded: Bool) -> String {
        var text = template
        for (name, value) in names {
            text = text.split(separator: "{\(name)}", omittingEmptySubsequences: false)
                .joined(separator: encoded ? Self.percentEncoded(value) : value)
        }
        return text.split(separator: "{n}", omittingEmptySubsequences: false).joined(separator: String(number))
    }

    static func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                scalar.properties.isAlphabetic && byte < 0x80 || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
            return isPlain ? String(Character(scalar)) : "%" + String(byte >> 4, radix: 16) + String(byte & 0xF, radix: 16)
        }.joined()
    }
}
