import HearthRuntime
import HearthStore
public import MatrixModel
import PresenceCore
import Synchronization

/// What people and programs choose: each change is stored and published in the operation that answers.
extension PresenceService {
    /// Takes a PUT, and sets the status in the same commit; returns when it is on the disk and published.
    public func put(_ request: PresencePutRequest, by device: DeviceKey) async throws {
        let status: StatusContent? =
            switch request.status {
            case .unchanged: nil
            case .clear: try StatusContent(checking: [:])
            case .set(let text): try Self.status(text, expires: request.expires)
            }
        let put = PresencePut(
            presence: request.presence, expires: request.expires, isManual: request.isManual, hasStatus: request.hasStatus)
        let fact = PresenceFact(cause: .put, device: device.device, time: clock.now().monotonic)
        // One event finds all that is wrong before anything is stored. Of two, the second one may come too late for that.
        try await writer.perform(partialChanges: status == nil ? .none : .undone) { [self] context in
            // A device that was logged out while its request waited would come back, and never end what it chose.
            guard isLoggedIn(device, context) else { throw PresenceError.loggedOut }
            try changeChoices(of: device.user, because: fact, in: context) { engine, now in
                do throws(PutRefusal) {
                    return .success(try engine.put(put, from: device, at: now))
                } catch {
                    return .failure(.expiryInThePast)
                }
            }
            if let status { try context.setStatus(status, of: device.user) }
        }
        alarm.ring()
    }

    /// Ends all choices, or those of one device: back to automatic, without counting as activity.
    ///
    /// - Throws: ``PresenceError/noChoice`` where that device has none.
    public func deleteChoices(of user: UserID, device: DeviceID? = nil) async throws {
        let fact = PresenceFact(cause: .clear, device: device, time: clock.now().monotonic)
        try await writer.perform(partialChanges: .none) { [self] context in
            try changeChoices(of: user, because: fact, in: context) { engine, now in
                if let device, !engine.choices(of: user).has(device, at: now.wall) { return .failure(.noChoice) }
                return .success(engine.choicesDeleted(of: user, device: device, at: now))
            }
        }
        alarm.ring()
    }

    /// The end of a device, inside the operation that ends it: what it chose is forgotten with it.
    ///
    /// What it wrote into the profile goes right after that, with what becomes of the presence: others are told of both at once, as of who begins
    /// to appear offline.
    public func deviceEnds(_ device: DeviceKey, in context: WriteContext) throws {
        try context.transaction.presenceChoices.deleteAll(of: device)
        let fields = try context.transaction.programFields.fields(of: device.user)
        let hasWritten = fields.contains { $0.content != nil && $0.device == device.device }
        context.afterCommit { [self] in deviceLoggedOut(device, hasWritten: hasWritten) }
    }

    /// The end of an account, inside the operation that ends it: sources and choices are forgotten, `offline` is published.
    public func accountEnds(_ user: UserID, in context: WriteContext) throws {
        let now = context.now
        let fact = PresenceFact(cause: .deactivation, device: nil, time: now.monotonic)
        let checkpoint = state.withLock { state in
            let checkpoint = state.engine.checkpoint(of: user)
            _ = state.engine.userDeactivated(user, at: now)
            state.forget(user)
            return checkpoint
        }
        context.onFailure { [self] in rollBack(to: checkpoint, because: fact, at: now) }
        _ = try publish(user, because: fact, in: context)
        try context.transaction.presence.delete(user)
        try context.transaction.presenceChoices.deleteAll(of: user)
        context.afterCommit { [self] in changeLog.withLock { $0.forget(user) } }
    }

    /// Whether a choice to appear offline is in force.
    public func isHiding(_ user: UserID) -> Bool {
        let now = clock.now()
        return state.withLock { $0.engine.isHiding(user, at: now) }
    }

    /// Changes choices in the engine and in the store and publishes the result; the engine forgets it all if the commit fails.
    func changeChoices(
        of user: UserID, because fact: PresenceFact, in context: WriteContext,
        _ change: (inout PresenceEngine, Now) -> Result<[PresenceAction], PresenceError>
    ) throws {
        let now = context.now
        let (checkpoint, before, after) = try state.withLock {
            state throws -> (PresenceEngine.Checkpoint, PresenceChoices, PresenceChoices) in
            let checkpoint = state.engine.checkpoint(of: user)
            let before = state.engine.choices(of: user)
            state.note(try change(&state.engine, now).get(), because: fact)
            return (checkpoint, before, state.engine.choices(of: user))
        }
        context.onFailure { [self] in rollBack(to: checkpoint, because: fact, at: now) }
        for choice in before.all where !after.all.contains(where: { $0.maker == choice.maker }) {
            let stored = StoredChoice(choice)
            try context.transaction.presenceChoices.delete(stored.kind, by: stored.device, of: user)
        }
        for choice in after.all where !before.all.contains(choice) {
            try context.transaction.presenceChoices.set(StoredChoice(choice), of: user)
        }
        // What programs wrote into the profile is withheld in the same answer.
        if before != after, before.includesOffline || after.includesOffline {
            let isHiding = after.inForce(at: now.wall)?.presence == .offline
            try context.followHiding(of: user, isHiding: isHiding)
            if isHiding, before.inForce(at: now.wall)?.presence != .offline {
                // As with the log-out of the device. Who goes on typing is seen to, like all that one does.
                context.afterCommit { [notifier] in notifier.endTyping(of: user) }
            }
        }
        if before.ofUser?.presence != after.ofUser?.presence { try context.followChoice(after.ofUser, of: user) }
        guard let published = try publish(user, because: fact, in: context) else { return }
        try context.transaction.presence.setPublished(
            published.presence.rawValue, lastOnline: published.lastOnline, of: user)
    }

    /// Stores what is left of a user's choices where time or devices ended some.
    func storeChoices(of user: UserID, in context: WriteContext) throws {
        let choices = state.withLock { $0.engine.choices(of: user) }
        try context.transaction.presenceChoices.deleteAll(of: user)
        for choice in choices.all { try context.transaction.presenceChoices.set(StoredChoice(choice), of: user) }
        try context.followHiding(of: user, isHiding: choices.inForce(at: context.now.wall)?.presence == .offline)
        try context.followChoice(choices.ofUser, of: user)
    }

    static func status(_ text: String, expires: MatrixTimestamp?) throws(RoomError) -> StatusContent {
        var content: JSONObject = ["text": .string(text)]
        if let expires { content[StatusContent.expiryKey] = .integer(expires.milliseconds) }
        return try StatusContent(checking: content)
    }
}

extension PresenceChoices {
    /// Whether somebody is to appear offline by one of them, be it in force or not: without one, nothing is or was withheld.
    fileprivate var includesOffline: Bool { all.contains { $0.presence == .offline } }
}

extension StoredChoice {
    init(_ choice: PresenceChoice) {
        let kind: Kind =
            switch choice.maker {
            case .user: .user
            case .device: .device
            case .away: .away
            }
        self.init(
            kind: kind, device: choice.maker.device, presence: choice.presence.rawValue, expires: choice.expires,
            number: choice.number, isInBackground: choice.isInBackground, endsWithSync: choice.endsWithSync)
    }
}

extension PresenceChoice {
    /// Nil for what no version stores.
    init?(_ stored: StoredChoice) {
        let maker: Maker
        switch (stored.kind, stored.device, Presence(rawValue: stored.presence)) {
        case (.user, _, .offline), (.user, _, .busy), (.user, _, .unavailable): maker = .user
        case (.device, let device?, .offline), (.device, let device?, .busy): maker = .device(device)
        case (.away, let device?, .unavailable): maker = .away(device)
        default: return nil
        }
        guard let presence = Presence(rawValue: stored.presence) else { return nil }
        self.init(
            maker, presence, expires: stored.kind == .away ? nil : stored.expires, number: stored.number,
            isInBackground: stored.isInBackground, endsWithSync: stored.endsWithSync)
    }
}
