public import MatrixModel

/// What the store kept of a user's presence.
public struct RestoredUser: Sendable, Equatable {
    public let user: UserID
    public let choices: PresenceChoices
    /// What the profile says of a call.
    public let call: CallClaim?
    /// What stands published; nil before the first publication.
    public let published: Presence?
    /// When the user was last published `online`.
    public let lastOnline: MatrixTimestamp?
    public let devices: [RestoredDevice]

    public init(
        user: UserID, choices: PresenceChoices = PresenceChoices(), call: CallClaim? = nil, published: Presence?,
        lastOnline: MatrixTimestamp?, devices: [RestoredDevice]
    ) {
        self.user = user
        self.choices = choices
        self.call = call
        self.published = published
        self.lastOnline = lastOnline
        self.devices = devices
    }
}

/// What the store kept of a device.
public struct RestoredDevice: Sendable, Equatable {
    public let id: DeviceID
    /// Its last contact, to the minute.
    public let lastContact: MatrixTimestamp
    public let hasWorkingPusher: Bool

    public init(id: DeviceID, lastContact: MatrixTimestamp, hasWorkingPusher: Bool) {
        self.id = id
        self.lastContact = lastContact
        self.hasWorkingPusher = hasWorkingPusher
    }
}
