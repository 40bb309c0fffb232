import HearthStore
import MatrixModel
import SubscriptionCore

/// What rooms do to peeks.
enum PeekRules {
    static func end(_ peek: StoredPeek, reason: PeekEndReason, context: WriteContext) throws {
        let position = context.nextPosition()
        try context.transaction.peeks.end(started: peek.started, at: position, reason: reason)
        context.tell(.peekEnded(peek.device, peek.room, at: position, reason: PeekEnd(reason)))
    }

    /// Ends all peeks into a room at one position: one row changes no more than another.
    static func endAll(in room: RoomID, context: WriteContext) throws {
        let position = context.nextPosition()
        let count = try context.transaction.peeks.endAll(in: room, at: position, reason: .notAllowed)
        if count > 0 { context.tell(.peeksEnded(in: room, at: position, reason: .notAllowed)) }
    }
}

extension PeekEnd {
    init(_ reason: PeekEndReason) {
        switch reason {
        case .unpeeked: self = .unpeeked
        case .expired: self = .expired
        case .joined: self = .joined
        case .notAllowed: self = .notAllowed
        }
    }
}
