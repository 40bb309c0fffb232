import HearthRuntime
import HearthStore
public import MatrixModel
import PresenceCore
import SubscriptionCore
import Synchronization

/// `m.presence.persistent`: account data in which clients choose presence and status, and find what was chosen elsewhere.
extension PresenceService {
    /// A client wrote the account data, under one of its names: stores it as it is and does what differs from what was stored.
    ///
    /// - Throws: ``RoomError/statusTooLarge(_:)``; nothing is stored then.
    public func setPersistent(_ content: JSONObject, as type: EventType, of user: UserID) async throws {
        let written = PersistentPresence(parsing: content)
        if case .text(let text) = written.message { _ = try Self.status(text, expires: nil) }
        let fact = PresenceFact(cause: .put, device: nil, time: clock.now().monotonic)
        try await writer.perform { [self] context in
            let stored = PersistentPresence(parsing: try context.persistentContent(type, of: user))
            let change = stored.change(to: written)
            try accountData.set(type, content: content, room: nil, of: user, in: context)
            try context.writePersistent(of: user) { value in
                if written.override != .unknown { value.override = written.override }
                if written.message != .unknown { value.message = written.message }
            }
            switch change.choice {
            case .stays: break
            case .ends: try changeChoices(of: user, because: fact, in: context) { .success($0.userChose(nil, of: user, at: $1)) }
            case .becomes(let presence):
                try changeChoices(of: user, because: fact, in: context) { .success($0.userChose(presence, of: user, at: $1)) }
            }
            switch change.status {
            case .stays: break
            case .ends: try context.setStatus(StatusContent(checking: [:]), of: user)
            case .becomes(let text): try context.setStatus(Self.status(text, expires: nil), of: user)
            }
        }
        alarm.ring()
    }
}

extension WriteContext {
    /// The user's choice changed elsewhere: the account data says so from the same commit on.
    func followChoice(_ choice: PresenceChoice?, of user: UserID) throws {
        try writePersistent(of: user) { $0.override = choice.map { .chosen($0.presence) } ?? .none }
    }

    /// So it does of the status.
    func followStatus(_ content: JSONObject, of user: UserID) throws {
        let text = [content["text"], content["emoji"]].lazy.compactMap { $0?.stringValue }.first { !$0.isEmpty }
        try writePersistent(of: user) { $0.message = text.map { .text($0) } ?? .none }
    }

    fileprivate func persistentContent(_ type: EventType, of user: UserID) throws -> JSONObject {
        try transaction.accountData.data(of: user, room: nil, type: type, standIn: [:])?.content ?? [:]
    }

    /// Writes one value under both names, where it differs from what stands there. What the server writes counts against no quota, and no
    /// write of its own is ever read as a choice.
    fileprivate func writePersistent(of user: UserID, _ change: (inout PersistentPresence) -> Void) throws {
        for type in PersistentPresence.types {
            let before = try persistentContent(type, of: user)
            var value = PersistentPresence(parsing: before)
            change(&value)
            let content = value.written(into: before, as: type)
            guard content != before else { continue }
            let position = nextPosition()
            try transaction.accountData.set(
                StoredAccountData(user: user, room: nil, type: type, content: content, position: position))
            tell(.accountData(user: user, at: position))
        }
    }
}
