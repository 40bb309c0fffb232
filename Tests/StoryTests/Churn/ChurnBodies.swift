import HearthTestKit
import MatrixModel

extension ChurnScene {
    /// The body that a client sends with this operation; nil where it sends none.
    mutating func body() throws -> [UInt8]? {
        if operation.hasPrefix("GET ") { return nil }
        if operation.hasPrefix("DELETE "), !operation.hasPrefix("DELETE devices/") { return nil }
        if operation == "POST media/upload" || operation.hasPrefix("PUT media/upload") { return upload() }
        guard let json = try account() ?? rooms() ?? encryption() ?? everything() else {
            throw ChurnError("there is an operation that the churn has no body for: \(operation)")
        }
        return json.bytes
    }

    private mutating func upload() -> [UInt8] {
        number % 4 == 0 ? TestImages.jpeg : ChurnWorld.content(number, size: Int.random(in: 1...20_000, using: &random))
    }

    private mutating func account() throws -> JSON? {
        switch operation {
        case "POST register": ["username": .string("churn\(number)"), "password": .string(ChurnUser.password)]
        case "POST login": Self.login(as: user)
        case "POST logout", "POST logout/all", "POST account/deactivate", "DELETE devices/:deviceID": [:]
        case "POST account/password": ["new_password": .string(ChurnUser.password), "logout_devices": false]
        case "POST delete_devices": ["devices": .array(known.devices.dropFirst().map { .string($0.id) })]
        case "PUT devices/:deviceID": ["display_name": .string("device \(number)")]
        case "POST user_directory/search": ["search_term": "churn"]
        case "POST user/:userID/filter": ["room": ["timeline": ["limit": .integer(Int64(1 + number % 50))]]]
        case "PUT user/:userID/account_data/:type", "PUT user/:userID/rooms/:roomID/account_data/:type":
            ["n": .integer(Int64(number))]
        case "PUT user/:userID/rooms/:roomID/tags/:tag": ["order": .double(0.5)]
        case "PUT profile/:userID/:keyName": ["churn.field": .string("value \(number)")]
        case "PUT presence/:userID/status":
            [
                "presence": .string(["online", "unavailable", "busy", "offline"][number % 4]),
                "status_msg": .string("status \(number)"),
            ]
        case "POST peek/:roomIDOrAlias", "POST rooms/:roomID/unpeek", "DELETE presence/:userID/status": [:]
        case "POST peek_profiles": ["user_ids": .array((0..<20).map { _ in .string(world.someone(using: &random).userID) })]
        default: nil
        }
    }

    static func login(as user: ChurnUser) -> JSON {
        [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": .string(user.name)],
            "password": .string(ChurnUser.password),
        ]
    }

    private mutating func rooms() -> JSON? {
        switch operation {
        case "POST createRoom":
            ["preset": .string(number % 2 == 0 ? "public_chat" : "private_chat"), "name": .string("room \(number)")]
        case "POST join/:roomIDOrAlias", "POST rooms/:roomID/join", "POST rooms/:roomID/leave", "POST rooms/:roomID/forget",
            "PUT rooms/:roomID/redact/:eventID/:transactionID", "POST rooms/:roomID/receipt/:receiptType/:eventID":
            [:]
        case "POST rooms/:roomID/invite", "POST rooms/:roomID/ban": ["user_id": .string(world.wanderer(using: &random).userID)]
        case "POST rooms/:roomID/kick": ["user_id": .string(known.guest ?? "@nobody:localhost")]
        case "POST rooms/:roomID/unban": ["user_id": .string(known.banned ?? "@nobody:localhost")]
        case "PUT rooms/:roomID/send/:eventType/:transactionID": message()
        case "PUT rooms/:roomID/state/:eventType", "PUT rooms/:roomID/state/:eventType/:stateKey":
            ["n": .integer(Int64(number))]
        case "PUT rooms/:roomID/typing/:userID": ["typing": true, "timeout": 3_000]
        case "POST rooms/:roomID/read_markers": ["m.fully_read": .string(known.events[room] ?? world.event(in: room) ?? "$none")]
        case "PUT directory/list/room/:roomID": ["visibility": .string(number % 2 == 0 ? "public" : "private")]
        case "PUT directory/room/:roomAlias": ["room_id": .string(room)]
        case "POST publicRooms": ["limit": 20]
        default: nil
        }
    }

    private mutating func message() -> JSON {
        let words = String(repeating: "word ", count: 1 << Int.random(in: 0...9, using: &random))
        return ["msgtype": "m.text", "body": .string("\(number) \(other) \(words)")]
    }

    private mutating func encryption() throws -> JSON? {
        switch operation {
        case "POST keys/upload": ["one_time_keys": MatrixClient.oneTimeKeys(number * 3..<number * 3 + 3)]
        case "POST keys/query": ["device_keys": .pairs((other, []), (user.userID, []))]
        case "POST keys/claim":
            ["one_time_keys": .pairs((user.userID, .pairs((known.devices.first?.id ?? "NONE", "signed_curve25519"))))]
        case "POST keys/signatures/upload": [:]
        case "POST keys/device_signing/upload": .object(try CrossSigningSet(of: user.userID).upload)
        case "PUT sendToDevice/:eventType/:transactionID":
            [
                "messages": .pairs(
                    (other, ["*": ["n": .integer(Int64(number))]]), (user.userID, ["*": ["n": .integer(Int64(number))]]))
            ]
        case "POST room_keys/version", "PUT room_keys/version/:version":
            [
                "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": ["n": .integer(Int64(number))],
                "version": .string(known.backup ?? "1"),
            ]
        case "PUT room_keys/keys": ["rooms": .pairs((room, ["sessions": ["session": Self.backedUp]]))]
        case "PUT room_keys/keys/:roomID": ["sessions": ["session": Self.backedUp]]
        case "PUT room_keys/keys/:roomID/:sessionID": Self.backedUp
        default: nil
        }
    }

    private static let backedUp: JSON = [
        "first_message_index": 0, "forwarded_count": 0, "is_verified": false, "session_data": ["ciphertext": "none"],
    ]

    private mutating func everything() -> JSON? {
        switch operation {
        case "POST pushers/set":
            [
                "kind": "http", "app_id": "churn", "pushkey": .string(user.name), "app_display_name": "Churn",
                "device_display_name": "Churn", "lang": "en", "data": ["url": "http://127.0.0.1:9/_matrix/push/v1/notify"],
            ]
        case "PUT pushrules/global/:kind/:ruleID": ["pattern": .string("word\(number)"), "actions": ["notify"]]
        case "PUT pushrules/global/:kind/:ruleID/actions": ["actions": ["notify", ["set_tweak": "highlight"]]]
        case "PUT pushrules/global/:kind/:ruleID/enabled": ["enabled": .bool(number % 2 == 0)]
        case "POST media/create": [:]
        default: nil
        }
    }
}
