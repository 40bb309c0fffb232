import HearthTestKit
import MatrixModel

/// The users, rooms and events that bad requests name, and how they are written into templates.
struct BadRequestScene: Sendable {
    let url: String
    /// `{alice}` and so on, with what they stand for.
    private let names: [String: String]
    private let tokens: [String: String]

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
        url = try hearth.baseURL
        names = [
            "alice": alice.userID, "bob": bob.userID, "mallory": mallory.userID, "room": room, "secret": secret, "event": event,
            "foreignEvent": foreignEvent, "profile": profile, "bobProfile": bobProfile,
            "device": alice.deviceID,
        ]
        tokens = ["alice": alice.session?.accessToken ?? "", "mallory": mallory.session?.accessToken ?? ""]
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
