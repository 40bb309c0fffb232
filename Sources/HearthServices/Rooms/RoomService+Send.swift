import HearthStore
public import MatrixModel
import RoomRules

extension RoomService {
    /// Sends an event that is no state. The same transaction id from the same device is the same event, however often it comes.
    public func send(
        _ type: EventType, content: JSONObject, in room: RoomID, transactionID: String, by device: DeviceKey
    ) async throws -> EventID {
        let transaction = EventTransaction(device: device, id: transactionID)
        let scope = "send \(room) \(type)"
        let id = try await perform { context in
            if let known = try context.transaction.transactions.event(for: transaction, scope: scope) { return known }
            _ = try context.requireRoom(room)
            let request = EventRequest(type: type, sender: device.user, content: content, transaction: transaction)
            let event: PersistedEvent
            if type == .create { throw RoomError.forbidden("A room is created once.") }
            if type == .redaction {
                guard let target = content["redacts"]?.stringValue.flatMap({ EventID($0) }) else {
                    throw RoomError.malformed("A redaction names the event in \"redacts\".")
                }
                event = try Self.redact(target, in: room, with: request, context: context)
            } else {
                try Self.checkAnnotation(request, context: context)
                event = try context.send(request, in: room)
            }
            try context.transaction.transactions.insert(
                transaction, scope: scope, event: event.eventID, at: context.age)
            return event.eventID
        }
        if type == .message || type == .encrypted { typing.ended(device.user, in: room) }
        activityHappened(device)
        return id
    }

    /// Redacts an event: one's own, or anybody's with the room's redaction level.
    public func redact(
        _ target: EventID, in room: RoomID, reason: String?, transactionID: String, by device: DeviceKey
    ) async throws -> EventID {
        let transaction = EventTransaction(device: device, id: transactionID)
        let scope = "redact \(room) \(target)"
        let id = try await perform { context in
            if let known = try context.transaction.transactions.event(for: transaction, scope: scope) { return known }
            _ = try context.requireRoom(room)
            var content: JSONObject = ["redacts": .string(target.rawValue)]
            if let reason { content["reason"] = .string(reason) }
            let request = EventRequest(type: .redaction, sender: device.user, content: content, transaction: transaction)
            let event = try Self.redact(target, in: room, with: request, context: context)
            try context.transaction.transactions.insert(
                transaction, scope: scope, event: event.eventID, at: context.age)
            return event.eventID
        }
        activityHappened(device)
        return id
    }

    /// Sets one piece of state. Setting what stands there already, by the same sender, changes nothing and returns that event.
    public func setState(
        _ key: StateKey, content: JSONObject, in room: RoomID, by device: DeviceKey
    ) async throws -> EventID {
        if key.type == .create { throw RoomError.forbidden("A room is created once.") }
        let server = server
        let id = try await perform { context in
            let memory = try context.requireRoom(room)
            if let standing = try context.state(key, in: room), standing.isReadable, standing.sender == device.user,
                standing.content == content
            {
                // Who has left is refused this as anything else; to have left once more is nothing new.
                if key != .member(device.user) { try Self.requireJoined(device.user, in: room, context: context) }
                return standing.id
            }
            if memory.record.profileOwner != nil, key == .status {
                try StatusContent(checking: content).checkExpiry(at: context.now.wall)
            }
            if key.type == .canonicalAlias { try Self.checkCanonicalAlias(content, in: room, context: context) }
            if key.type == .member, let target = UserID(key.key) {
                guard server.isLocal(target) else {
                    throw RoomError.forbidden("\(target) is on another server, and this server does not federate.")
                }
                if content["membership"] == "invite" || content["membership"] == "join" { try context.requireLocalUser(target) }
            }
            let event = try context.send(
                EventRequest(type: key.type, stateKey: key.key, sender: device.user, content: content), in: room)
            return event.eventID
        }
        activityHappened(device)
        return id
    }

    /// [Annotations](https://spec.matrix.org/v1.16/client-server-api/#avoiding-duplicate-annotations): nobody says the same twice.
    private static func checkAnnotation(_ request: EventRequest, context: WriteContext) throws {
        guard let relation = EventRelation(of: request.content), let key = relation.key else { return }
        let annotations = context.transaction.annotations
        if try annotations.exists(key, on: relation.target, of: request.type, by: request.sender) {
            throw RoomError.duplicateAnnotation
        }
    }

    private static func redact(
        _ target: EventID, in room: RoomID, with request: EventRequest, context: WriteContext
    ) throws -> PersistedEvent {
        // To others neither the room's events nor its rules are told.
        try requireJoined(request.sender, in: room, context: context)
        guard let event = try context.transaction.events.event(target, in: room) else {
            throw RoomError.notFound("There is no event \(target) in this room.")
        }
        if event.sender != request.sender, let create = try context.state(.create, in: room) {
            let levels = PowerLevels(create: create, powerLevels: try context.state(.powerLevels, in: room))
            guard levels.level(of: request.sender) >= levels.redact else {
                throw RoomError.forbidden("You may redact your own events only; others' need the power level \(levels.redact).")
            }
        }
        let redaction = try context.send(request, in: room)
        try context.redact(target, because: redaction)
        return redaction
    }

    /// How many aliases a canonical alias may come with: each is looked up.
    private static let mostAliases = 1_000

    /// A canonical alias names aliases that exist and point here.
    private static func checkCanonicalAlias(_ content: JSONObject, in room: RoomID, context: WriteContext) throws {
        var named: [JSON] = []
        if let alias = content["alias"], !alias.isNull { named.append(alias) }
        named += content["alt_aliases"]?.arrayValue ?? []
        guard named.count <= mostAliases else {
            throw RoomError.invalidParameter("A room's canonical alias comes with at most \(mostAliases) others.")
        }
        for value in named {
            guard let text = value.stringValue, let alias = RoomAlias(text) else {
                throw RoomError.invalidParameter("\"alias\" and \"alt_aliases\" hold room aliases.")
            }
            guard try context.transaction.aliases.room(alias)?.roomID == room else {
                throw RoomError.badAlias("\(alias) does not point to this room.")
            }
        }
    }
}
