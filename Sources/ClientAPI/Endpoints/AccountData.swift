import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel
import PresenceCore

/// GET /_matrix/client/v3/user/{userId}/account_data/{type}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3useruseridaccount_datatype).
enum GetAccountData: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("user/:userID/account_data/:type")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (user, type) = (try call.ownUser(requester), try call.path.eventType("type"))
        return ClientAnswer(try await call.services.accountData.get(type, room: nil, of: user))
    }
}

/// PUT /_matrix/client/v3/user/{userId}/account_data/{type}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3useruseridaccount_datatype).
enum PutAccountData: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = GetAccountData.paths

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (user, type) = (try call.ownUser(requester), try call.path.eventType("type"))
        let choosesPresence = PersistentPresence.types.contains(type)
        try call.services.limits.take(choosesPresence ? .presence : .accountData, by: requester.user)
        try await call.services.accountData.set(type, content: call.body().json, room: nil, of: user)
        return .empty
    }
}

/// GET /_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3useruseridroomsroomidaccount_datatype).
enum GetRoomAccountData: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("user/:userID/rooms/:roomID/account_data/:type")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (user, room, type) = (try call.ownUser(requester), try call.path.room(), try call.path.eventType("type"))
        return ClientAnswer(try await call.services.accountData.get(type, room: room, of: user))
    }
}

/// PUT /_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3useruseridroomsroomidaccount_datatype).
enum PutRoomAccountData: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = GetRoomAccountData.paths

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (user, room, type) = (try call.ownUser(requester), try call.path.room(), try call.path.eventType("type"))
        try call.services.limits.take(.accountData, by: requester.user)
        try await call.services.accountData.set(type, content: call.body().json, room: room, of: user)
        return .empty
    }
}
