import HearthTestKit
import MatrixModel
import Synchronization

/// A value that a keeper writes again and again, numbered, and how it is read: what was acknowledged has to be there.
struct ChurnKept: Sendable {
    let name: String
    /// The write of a number, by the user and their own room.
    let write: @Sendable (ChurnUser, String, Int) -> ChurnRequest
    let read: @Sendable (ChurnUser, String) -> ChurnRequest
    /// The number in the answer; nil where there is no value yet.
    let number: @Sendable (JSON) -> Int?

    static let all: [ChurnKept] = [
        ChurnKept(name: "account data") { user, _, number in
            ChurnRequest("PUT", "/user/\(user.userID)/account_data/kept", ["n": .integer(Int64(number))])
        } read: { user, _ in
            ChurnRequest("GET", "/user/\(user.userID)/account_data/kept")
        } number: {
            integer($0["n"])
        },
        ChurnKept(name: "room account data") { user, room, number in
            ChurnRequest("PUT", "/user/\(user.userID)/rooms/\(room)/account_data/kept", ["n": .integer(Int64(number))])
        } read: { user, room in
            ChurnRequest("GET", "/user/\(user.userID)/rooms/\(room)/account_data/kept")
        } number: {
            integer($0["n"])
        },
        ChurnKept(name: "state") { user, room, number in
            ChurnRequest("PUT", "/rooms/\(room)/state/kept/\(stateKey)", ["n": .integer(Int64(number))])
        } read: { user, room in
            ChurnRequest("GET", "/rooms/\(room)/state/kept/\(stateKey)")
        } number: {
            integer($0["n"])
        },
        ChurnKept(name: "display name") { user, _, number in
            ChurnRequest("PUT", "/profile/\(user.userID)/displayname", ["displayname": .string("name \(number)")])
        } read: { user, _ in
            ChurnRequest("GET", "/profile/\(user.userID)/displayname")
        } number: {
            lastWord($0["displayname"])
        },
        ChurnKept(name: "status") { user, _, number in
            ChurnRequest("PUT", "/profile/\(user.userID)/m.status", ["m.status": ["text": .string("status \(number)")]])
        } read: { user, _ in
            ChurnRequest("GET", "/profile/\(user.userID)/m.status")
        } number: {
            lastWord($0["m.status", "text"])
        },
        ChurnKept(name: "name of a device") { user, _, number in
            ChurnRequest("PUT", "/devices/\(user.firstDevice)", ["display_name": .string("device \(number)")])
        } read: { user, _ in
            ChurnRequest("GET", "/devices/\(user.firstDevice)")
        } number: {
            lastWord($0["display_name"])
        },
        ChurnKept(name: "push rule") { user, _, number in
            ChurnRequest("PUT", "/pushrules/global/content/kept", ["pattern": .string("word \(number)"), "actions": []])
        } read: { user, _ in
            ChurnRequest("GET", "/pushrules/global/content/kept")
        } number: {
            lastWord($0["pattern"])
        },
        ChurnKept(name: "topic") { user, room, number in
            ChurnRequest("PUT", "/rooms/\(room)/state/m.room.topic/", ["topic": .string("topic \(number)")])
        } read: { user, room in
            ChurnRequest("GET", "/rooms/\(room)/state/m.room.topic/")
        } number: {
            lastWord($0["topic"])
        },
        ChurnKept(name: "presence") { user, _, number in
            number % 4 == 0
                ? ChurnRequest("DELETE", "/_matrix/client/unstable/io.hearth/presence/\(user.userID)/status")
                : ChurnRequest(
                    "PUT", "/presence/\(user.userID)/status",
                    ["presence": .string(choices[number % 4]), "io.hearth.manual": true])
        } read: { user, _ in
            ChurnRequest("GET", "/_matrix/client/unstable/io.hearth/presence/\(user.userID)/status")
        } number: { _ in
            nil
        },
    ]

    private static let stateKey = "caf\u{E9} / 1"

    /// What the numbered choice of presence is; the first takes it back.
    static let choices = ["", "busy", "unavailable", "offline"]

    /// What a keeper's presence is, by the choice and by what the held sync of the device says.
    static func shown(choice: Int, claim: String) -> String {
        switch (choices[choice % 4], claim) {
        case ("offline", _): "offline"
        case ("busy", _), (_, "busy"): "busy"
        case ("unavailable", _): "unavailable"
        default: claim
        }
    }

    private static func integer(_ json: JSON?) -> Int? { json?.integerValue.map { Int($0) } }
    private static func lastWord(_ json: JSON?) -> Int? { json?.stringValue?.split(separator: " ").last.flatMap { Int($0) } }

    /// Reads every value of a user, and says which is not one that it may be.
    static func faults(of user: ChurnUser, by client: ChurnClient) async throws -> [String] {
        var faults: [String] = []
        let room = user.ownRoom
        for value in all {
            let answer = try await client.patiently(value.read(user, room), by: user)
            let json = ChurnClient.json(answer) ?? .null
            let possible = user.possible(value.name)
            if value.name == "presence" {
                let choice = json["io.hearth.manual", "presence"]?.stringValue ?? ""
                let expected = possible.map { choices[$0 % 4] }
                if !expected.contains(choice) {
                    faults.append("\(user.name): the choice of presence is \(choice), not \(expected)")
                }
            } else if !possible.contains(answer.status == 404 ? 0 : value.number(json) ?? 0) {
                faults.append("\(user.name): \(value.name) is \(answer.text), not one of \(possible.sorted())")
            }
        }
        return faults
    }
}

extension ChurnUser {
    /// The room that the keeper made and nobody else changes; it comes after the lobby.
    var ownRoom: String { knowledge.withLock { $0.rooms.count > 1 ? $0.rooms[1] : $0.rooms.first ?? "" } }
    var firstDevice: String { knowledge.withLock { $0.devices.first?.id ?? "NONE" } }
}

extension ChurnClient {
    /// Sends a request until the server has time for it.
    func patiently(_ request: ChurnRequest, by user: ChurnUser) async throws -> FileResponse {
        for _ in 0..<200 {
            let answer = try await send(request, by: user)
            if answer.status != 429 { return answer }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw ChurnError("\(request.route.method) \(request.target) by \(user.name) is refused for good")
    }
}
