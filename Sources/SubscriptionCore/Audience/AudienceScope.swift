public import MatrixModel

/// The peeks that a change of an audience may concern.
public enum AudienceScope: Hashable, Sendable {
    /// Peeks into one profile room: its owner's policy changed, or the owner's memberships.
    case intoProfile(RoomID)
    /// A user's peeks into the profiles of the members of a room: the user's membership changed.
    case ofMember(UserID, RoomID)
    /// A user's peeks into all profiles: the user ignores others than before.
    case ofViewer(UserID)
    /// Peeks of members of a room into the profiles of its other members: what the room says of sharing changed.
    case betweenMembers(RoomID)
}

extension SubscriptionEngine {
    /// Shows the lanes no longer that the peeks of a scope show and whose viewers are outside the audience by now.
    ///
    /// The peeks end, one commit after the other, in the time that follows: until then they show nothing that may not be seen.
    mutating func withholdLanes(in scope: AudienceScope) {
        switch scope {
        case .intoProfile(let room): withholdLane(of: room) { _ in true }
        case .ofMember(let user, _), .ofViewer(let user):
            for device in peekingDevices[user] ?? [] {
                for (room, peek) in devices[device]?.live ?? [:] where peek.laneSince != nil {
                    withholdLane(of: room, from: device)
                }
            }
        case .betweenMembers(let room):
            guard let members = rooms[room]?.joined else { return }
            for owner in members.keys where sharings[owner]?.allowedRooms.contains(room) == true {
                guard let profile = profileRooms[owner] else { continue }
                withholdLane(of: profile) { members[$0.user] != nil }
            }
        }
    }

    /// Shows a lane again that was withheld from a peek; one that shows its lane goes on as it is.
    mutating func keepLane(of room: RoomID, for device: DeviceKey, at position: StreamPosition) -> Bool {
        guard let peek = devices[device]?.live[room], peek.laneSince == nil else { return false }
        devices[device]?.showLane(of: room, number: news.number(of: room), since: position)
        rooms[room]?.notePeek(of: device, showsLane: true)
        return true
    }

    private mutating func withholdLane(of room: RoomID, where isConcerned: (DeviceKey) -> Bool) {
        for device in rooms[room]?.laneViewers ?? [] where isConcerned(device) { withholdLane(of: room, from: device) }
    }

    private mutating func withholdLane(of room: RoomID, from device: DeviceKey) {
        guard let owner = profileOwners[room], !canSee(device.user, laneOf: owner) else { return }
        devices[device]?.withholdLane(of: room, number: news.number(of: room))
        rooms[room]?.notePeek(of: device, showsLane: false)
    }
}
