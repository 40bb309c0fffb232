import HearthStore
import MatrixModel
import SubscriptionCore

extension WriteContext {
    /// Writes a field of a profile, or removes it by nil, and tells of it whom it concerns.
    ///
    /// - Parameters:
    ///   - device: what wrote it; nil where that is not known.
    ///   - isHiding: whether the user appears offline: then others see nothing of it.
    func setProgramField(
        _ field: AudienceField, to content: JSONObject?, of user: UserID, by device: DeviceID?, isHiding: Bool
    ) throws {
        guard let room = try profileRoom(of: user), try self.room(room) != nil else {
            throw RoomError.notFound("There is no user \(user).")
        }
        let standing = try transaction.programFields.fields(of: user).first { $0.field == field.rawValue }
        if standing == nil, content == nil { return }
        try change(field, of: user, from: standing, to: content, isHiding: isHiding) { row in
            row.device = device
            row.written = self.now.wall
        }
    }

    /// Withholds what programs have written into a user's profile from others, or shows it again: the user began or ceased to appear offline.
    func followHiding(of user: UserID, isHiding: Bool) throws {
        for standing in try transaction.programFields.fields(of: user) where standing.content != nil {
            guard let field = AudienceField(rawValue: standing.field), standing.isWithheld != isHiding else { continue }
            try change(field, of: user, from: standing, to: standing.content, isHiding: isHiding) { _ in }
        }
    }

    /// Forgets all of it: the account has ended.
    func deleteProgramFields(of user: UserID) throws {
        for standing in try transaction.programFields.fields(of: user) where standing.content != nil {
            guard let field = AudienceField(rawValue: standing.field) else { continue }
            try change(field, of: user, from: standing, to: nil, isHiding: standing.isWithheld) { _ in }
        }
        try transaction.programFields.deleteAll(of: user)
    }

    private func change(
        _ field: AudienceField, of user: UserID, from standing: StoredProgramField?, to content: JSONObject?, isHiding: Bool,
        noting note: (inout StoredProgramField) -> Void
    ) throws {
        let before = standing.map(ProgramField.init) ?? .absent
        var after = before.changed(to: content, isWithheld: isHiding, at: memory.position.next)
        let isNews = after != before
        if isNews { after = before.changed(to: content, isWithheld: isHiding, at: nextPosition()) }
        var row = StoredProgramField(
            user: user, field: field.rawValue, content: content, position: after.position, shownPosition: after.shownPosition,
            isWithheld: after.isWithheld, device: standing?.device, written: standing?.written ?? now.wall)
        note(&row)
        try transaction.programFields.set(row)
        if isNews { tell(.programField(user: user, field, after, at: memory.position)) }
    }
}

extension ProgramField {
    init(_ stored: StoredProgramField) {
        self.init(
            content: stored.content, position: stored.position, shownPosition: stored.shownPosition, isWithheld: stored.isWithheld
        )
    }
}
