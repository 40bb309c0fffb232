import HearthTestKit
import MatrixModel

/// A request that stores something, with a place for any JSON in its body.
struct StoringRequest: Sendable {
    let method: String
    let path: MatrixPath
    var query: [String: String] = [:]
    /// The body with a value at its place.
    let body: @Sendable (JSON) -> JSON
    /// Whether a `GET` of the same path shows what was stored.
    var isReadBack = false

    /// The body that nests so deep in all.
    func body(nesting depth: Int) -> JSON {
        let around = Self.depth(of: body(Self.nested(100))) - 100
        return body(Self.nested(depth - around))
    }

    func send(_ body: JSON, by client: MatrixClient) async throws -> MatrixResponse {
        try await client.request(method, path, query: query, body: body)
    }

    static func nested(_ depth: Int) -> JSON { (0..<depth).reduce(1) { value, _ in .array([value]) } }

    static func depth(of json: JSON) -> Int {
        switch json {
        case .array(let values): 1 + (values.map(depth).max() ?? 0)
        case .object(let object): 1 + (object.members.map { depth(of: $0.value) }.max() ?? 0)
        default: 0
        }
    }

    /// One request for every endpoint that stores JSON of its client's choice, in the order in which they are to be sent.
    ///
    /// - Parameter number: makes ids new. It is also the version of the key backup that there is; one of the requests makes the next.
    static func all(by user: MatrixClient, to other: MatrixClient, in room: String, profile: String, event: String, number: Int)
        -> [StoringRequest]
    {
        let id = user.userID
        func put(_ path: MatrixPath, isReadBack: Bool = false, _ body: @escaping @Sendable (JSON) -> JSON) -> StoringRequest {
            StoringRequest(method: "PUT", path: path, body: body, isReadBack: isReadBack)
        }
        func post(_ path: MatrixPath, _ body: @escaping @Sendable (JSON) -> JSON) -> StoringRequest {
            StoringRequest(method: "POST", path: path, body: body)
        }
        let (device, otherDevice, otherID) = (user.deviceID, other.deviceID, other.userID)
        let keys = user.deviceKeys()
        return [
            put("/rooms/\(room)/send/m.room.message/deep\(String(number))") { ["msgtype": "m.text", "body": "deep", "x": $0] },
            put("/rooms/\(room)/send/m.room.redaction/deepr\(String(number))") { ["redacts": .string(event), "x": $0] },
            put("/rooms/\(room)/state/io.test/\(String(number))", isReadBack: true) { ["x": $0] },
            put("/rooms/\(room)/state/m.room.member/\(id)", isReadBack: true) { ["membership": "join", "x": $0] },
            put("/rooms/\(profile)/state/m.status/", isReadBack: true) { ["text": "deep", "x": $0] },
            put("/profile/\(id)/io.test", isReadBack: true) { ["io.test": $0] },
            put("/user/\(id)/account_data/io.test", isReadBack: true) { ["x": $0] },
            put("/user/\(id)/account_data/m.presence.sharing", isReadBack: true) { ["share_locally": true, "x": $0] },
            put("/user/\(id)/rooms/\(room)/account_data/io.test", isReadBack: true) { ["x": $0] },
            put("/user/\(id)/rooms/\(room)/tags/u.deep") { ["order": .double(0.5), "x": $0] },
            put("/pushrules/global/override/deep", isReadBack: true) {
                ["actions": [], "conditions": [["kind": "io.test", "x": $0]]]
            },
            post("/user/\(id)/filter") { ["io.test": $0] },
            post("/pushers/set") { value in
                [
                    "app_id": "io.test", "pushkey": "deep", "kind": "http", "app_display_name": "Test",
                    "device_display_name": "Test", "lang": "en",
                    "data": ["url": "https://push.invalid/_matrix/push/v1/notify", "x": value],
                ]
            },
            post("/keys/upload") { ["device_keys": .object(keys.merging(["x": $0]))] },
            post("/keys/upload") { value in
                let name = "signed_curve25519:A\(number)"
                return [
                    "one_time_keys": .pairs((name, ["key": "a", "x": value])),
                    "fallback_keys": .pairs((name, ["key": "a", "fallback": true, "x": value])),
                ]
            },
            put("/sendToDevice/io.test/deep\(String(number))") {
                ["messages": .pairs((otherID, .pairs((otherDevice, ["x": $0]))), (id, .pairs((device, ["x": $0]))))]
            },
            StoringRequest(
                method: "PUT", path: "/room_keys/keys/\(room)/deep", query: ["version": String(number)],
                body: {
                    [
                        "first_message_index": 0, "forwarded_count": 0, "is_verified": true, "session_data": ["x": $0],
                    ]
                }),
            post("/room_keys/version") { ["algorithm": "m.test", "auth_data": ["x": $0]] },
            post("/createRoom") { value in
                [
                    "creation_content": ["x": value], "power_level_content_override": ["x": value],
                    "initial_state": [["type": "io.test", "state_key": "", "content": ["x": value]]],
                ]
            },
        ]
    }
}
