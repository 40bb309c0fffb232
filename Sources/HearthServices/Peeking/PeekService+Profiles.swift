import HearthRuntime
import HearthStore
public import MatrixModel

/// Whose profile rooms a device wants to peek into at once, as a member list does.
public struct ProfilePeekRequest: Sendable, Equatable {
    /// How many users one request names at most.
    public static let mostUsers = 500

    /// Each user once, in the order in which they were named.
    public let users: [UserID]
    /// What was named and is no user id, each text once.
    public let malformed: [String]

    /// - Throws: ``ProfilePeekError/tooManyUsers(limit:)``; repeated names count too.
    public init(userIDs: [String]) throws(ProfilePeekError) {
        guard userIDs.count <= Self.mostUsers else { throw .tooManyUsers(limit: Self.mostUsers) }
        var seen: Set<String> = []
        var users: [UserID] = []
        var malformed: [String] = []
        for text in userIDs where seen.insert(text).inserted {
            if let user = UserID(text) { users.append(user) } else { malformed.append(text) }
        }
        self.users = users
        self.malformed = malformed
    }
}

/// Why no peek of a bulk request was made.
public enum ProfilePeekError: Error, Equatable {
    /// 400 `M_INVALID_PARAM`.
    case tooManyUsers(limit: Int)
}

/// What became of each user of a bulk request.
public struct ProfilePeekAnswer: Sendable {
    public fileprivate(set) var peeks: [(user: UserID, answer: PeekService.Answer)] = []
    public fileprivate(set) var refusals: [(user: UserID, error: PeekError)] = []
    /// Texts that are no user ids.
    public fileprivate(set) var malformed: [String] = []
}

extension PeekService {
    /// Starts or renews peeks into the profile rooms of many users in one commit. A user who cannot be peeked at costs the others
    /// nothing.
    public func peekProfiles(_ request: ProfilePeekRequest, by device: DeviceKey) async throws -> ProfilePeekAnswer {
        let (settings, audience) = (settings, audience)
        let answer = try await writer.perform { context in
            try context.requireDevice(device)
            var answer = ProfilePeekAnswer()
            answer.malformed = request.malformed
            var live: [RoomID: StoredPeek] = [:]
            for peek in try context.transaction.peeks.live(of: device) { live[peek.room] = peek }
            var count = live.count
            for user in request.users {
                do {
                    guard let room = try context.profileRoom(of: user) else { throw PeekError.unknownUser }
                    let peek = try Self.peek(
                        room, by: device, renewing: live[room], liveCount: count, settings: settings, audience: audience,
                        context: context)
                    if live[room] == nil { count += 1 }
                    answer.peeks.append((user, peek))
                } catch let error as PeekError {
                    answer.refusals.append((user, error))
                }
            }
            return answer
        }
        alarm.ring()
        return answer
    }
}
