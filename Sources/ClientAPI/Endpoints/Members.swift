import HTTPTypes
import HearthServices
import MatrixModel
import SubscriptionCore

/// GET /_matrix/client/v3/rooms/{roomId}/members: the member events, now or at a token.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidmembers).
enum GetMembers: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("rooms/:roomID/members")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let events = try await call.services.reader.members(
            of: call.path.room(), at: call.query.point("at", in: call.services.history),
            membership: call.query.membership("membership"), notMembership: call.query.membership("not_membership"),
            for: requester.user)
        return .object { $0.member("chunk", events: events, for: requester.key, withRoomID: true) }
    }
}

/// GET /_matrix/client/v3/rooms/{roomId}/joined_members: who is in, with names and avatars.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidjoined_members).
enum GetJoinedMembers: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("rooms/:roomID/joined_members")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let events = try await call.services.reader.joinedMembers(of: call.path.room(), for: requester.user)
        return .object { stream in
            stream.member("joined") { stream in
                for event in events {
                    guard let user = event.stateKey else { continue }
                    var member: JSONObject = [:]
                    func text(_ key: String) -> JSON? {
                        event.content[key]?.stringValue.flatMap { $0.isEmpty ? nil : .string($0) }
                    }
                    member["display_name"] = text("displayname")
                    member["avatar_url"] = text("avatar_url")
                    stream.member(user, .object(member))
                }
            }
        }
    }
}

/// GET /_matrix/client/v3/joined_rooms: the rooms one is in; profile rooms are none of them.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3joined_rooms).
enum GetJoinedRooms: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("joined_rooms")

    static func answer(_ call: ClientCall, by requester: Requester) -> ClientAnswer {
        let rooms = call.services.notifier.ask { engine in
            engine.joinedRooms(of: requester.user).filter { engine.profileOwner(of: $0) == nil }
        }
        return ClientAnswer(["joined_rooms": .array(rooms.map { .string($0.rawValue) })])
    }
}
