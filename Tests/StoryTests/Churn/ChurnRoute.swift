import HearthTestKit

/// One line of `hearth routes`: what the churn asks for, as the server itself lists it, so that a new endpoint is not forgotten.
struct ChurnRoute: Sendable, Hashable {
    let method: String
    /// Such as `/_matrix/client/v3/rooms/:roomID/leave`.
    let pattern: String

    /// The method and the path below its version, the same for `r0` and `v3`: `POST rooms/:roomID/leave`.
    var operation: String {
        var components = pattern.split(separator: "/").map { String($0) }
        if let index = components.firstIndex(where: { $0 == "client" || $0 == "media" }), components.first == "_matrix" {
            let isMedia = components[index] == "media"
            components.removeFirst(index + 1)
            if components.first == "unstable" {
                components.removeFirst(2)
            } else if components.count > 1 {
                components.removeFirst()
            }
            if isMedia { components.insert("media", at: 0) }
        }
        return "\(method) \(components.joined(separator: "/"))"
    }

    /// All routes of the server, in its order.
    static func all(of hearth: HearthProcess) async throws -> [ChurnRoute] {
        let listed = try await hearth.run(["routes"])
        let routes = listed.output.split(separator: "\n").compactMap { line -> ChurnRoute? in
            let words = line.split(separator: " ")
            return words.count == 2 ? ChurnRoute(method: String(words[0]), pattern: String(words[1])) : nil
        }
        guard listed.status == 0, routes.count > 100 else {
            throw ChurnError("hearth routes said: \(listed.output)\(listed.errors)")
        }
        return routes
    }

    /// How often it is asked for, beside the others: what people do all day more often than what they do once.
    var weight: Int {
        switch operation {
        case "GET sync", "PUT rooms/:roomID/send/:eventType/:transactionID": 40
        case "PUT presence/:userID/status", "PUT rooms/:roomID/typing/:userID": 20
        case "POST rooms/:roomID/receipt/:receiptType/:eventID", "GET rooms/:roomID/messages", "POST join/:roomIDOrAlias": 10
        case "POST rooms/:roomID/leave", "PUT sendToDevice/:eventType/:transactionID", "POST keys/upload", "POST login": 6
        case "POST media/upload", "POST peek/:roomIDOrAlias", "POST rooms/:roomID/unpeek", "POST keys/claim": 4
        case "POST logout", "POST createRoom", "POST logout/all", "POST register": 1
        default: 2
        }
    }

    /// What somebody who knows no more than this has to do before the route can do what it is for; nil when nothing is missing.
    func missing(_ known: ChurnUser.Knowledge) -> String? {
        switch operation {
        case "POST rooms/:roomID/kick":
            known.madeRooms.isEmpty ? "POST createRoom" : known.guest == nil ? "POST rooms/:roomID/invite" : nil
        case "POST rooms/:roomID/unban":
            known.madeRooms.isEmpty ? "POST createRoom" : known.banned == nil ? "POST rooms/:roomID/ban" : nil
        case let powerful where Self.takesPower.contains(powerful): known.madeRooms.isEmpty ? "POST createRoom" : nil
        case let withEvent where withEvent.contains(":eventID") || withEvent == "POST rooms/:roomID/read_markers":
            known.events.isEmpty ? "PUT rooms/:roomID/send/:eventType/:transactionID" : nil
        case "POST rooms/:roomID/forget": known.leftRoom == nil ? "POST rooms/:roomID/leave" : nil
        case "POST rooms/:roomID/unpeek": known.peeked.isEmpty ? "POST peek/:roomIDOrAlias" : nil
        case "PUT media/upload/:serverName/:mediaID": known.awaitedMedia == nil ? "POST media/create" : nil
        case "GET user/:userID/filter/:filterID": known.filter == nil ? "POST user/:userID/filter" : nil
        case "DELETE directory/room/:roomAlias": known.alias == nil ? "PUT directory/room/:roomAlias" : nil
        case "DELETE devices/:deviceID": known.devices.count < 2 ? "POST login" : nil
        case "POST room_keys/version": nil
        case let backup where backup.contains("room_keys/"):
            known.backup == nil
                ? "POST room_keys/version"
                : !backup.hasPrefix("PUT") && backup.hasSuffix(":sessionID") && !known.written.contains("session")
                    ? "PUT room_keys/keys/:roomID/:sessionID" : nil
        case "PUT pushrules/global/:kind/:ruleID": nil
        case let rule where rule.contains(":ruleID"): known.written.contains("rule") ? nil : "PUT pushrules/global/:kind/:ruleID"
        case "GET profile/:userID/:keyName": known.written.contains("field") ? nil : "PUT profile/:userID/:keyName"
        case "GET user/:userID/account_data/:type": known.written.contains("data") ? nil : "PUT user/:userID/account_data/:type"
        case "GET user/:userID/rooms/:roomID/account_data/:type":
            known.written.contains("room data") ? nil : "PUT user/:userID/rooms/:roomID/account_data/:type"
        default: nil
        }
    }

    /// What only who made the room may do in it.
    static let takesPower: Set<String> = [
        "POST rooms/:roomID/kick", "POST rooms/:roomID/ban", "POST rooms/:roomID/unban", "POST rooms/:roomID/invite",
        "PUT directory/list/room/:roomID", "PUT rooms/:roomID/state/:eventType", "PUT rooms/:roomID/state/:eventType/:stateKey",
    ]

    /// The name of a parameter of the path, such as `roomID`; nil for a fixed component.
    static func parameter(_ component: Substring) -> String? { component.hasPrefix(":") ? String(component.dropFirst()) : nil }
}

/// A fault of the churn itself: what it cannot say to a server.
struct ChurnError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
