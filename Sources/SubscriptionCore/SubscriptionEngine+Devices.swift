public import MatrixModel

extension SubscriptionEngine {
    public func keyCounts(of device: DeviceKey) -> KeyCounts { deviceEntries[device]?.keyCounts ?? .none }

    /// Whether messages are stored that the device has got: those up to the position that it syncs from.
    public func hasDelivered(to device: DeviceKey, upTo since: StreamPosition) -> Bool {
        deviceEntries[device]?.mailbox.map { $0.lowerBound <= since } ?? false
    }

    mutating func noteSent(to devices: [DeviceKey], at position: StreamPosition, waking woken: inout Set<WaiterID>) {
        for device in devices {
            deviceEntries[device, default: DeviceEntry()].noteSent(at: position)
            waiters.collect(device, into: &woken)
        }
    }

    mutating func noteKeysChanged(of user: UserID, at position: StreamPosition, waking woken: inout Set<WaiterID>) {
        deviceLists.note(user, at: position)
        waiters.collect(user, into: &woken)
        for room in (users[user]?.joined ?? [:]).keys { collectMembers(of: room, into: &woken) }
    }

    /// Notes for the signer's own devices that the keys of others have new signatures: nobody else is shown them.
    mutating func noteSigned(
        _ users: [UserID], by signer: UserID, at position: StreamPosition, waking woken: inout Set<WaiterID>
    ) {
        for user in users { signedUsers[signer, default: SignedUsers()].note(user, at: position) }
        waiters.collect(signer, into: &woken)
    }

    func planDevice(
        _ device: DeviceKey, user: UserEntry, fresh: [RoomNumber], since: StreamPosition?, delivered: StreamPosition,
        into plan: inout SyncPlan
    ) {
        let entry = deviceEntries[device] ?? DeviceEntry()
        plan.keyCounts = entry.keyCounts
        plan.hasToDevice = entry.mailbox.map { $0.upperBound > delivered } ?? false
        guard let since else { return }
        plan.hasNewKeyCounts = entry.keyCountsPosition > since
        // Nearly always there is nothing, and this is asked at every look of every sync.
        guard deviceLists.last > since || !fresh.isEmpty || user.lastInvitedOrLeft > since || signedUsers[device.user] != nil
        else {
            return
        }
        let (changed, left) = deviceListNews(for: device.user, user, rooms: fresh, since: since)
        plan.changedDeviceLists = changed.sorted { $0.rawValue.precedesInBytes($1.rawValue) }
        plan.leftDeviceLists = left.sorted { $0.rawValue.precedesInBytes($1.rawValue) }
    }

    /// Whose keys a user has to ask for again, and whose to forget, after a position.
    ///
    /// [Tracking the device list](https://spec.matrix.org/v1.16/client-server-api/#tracking-the-device-list-for-a-user).
    public func deviceListNews(for user: UserID, since: StreamPosition) -> (changed: Set<UserID>, left: Set<UserID>) {
        let entry = users[user] ?? UserEntry()
        let fresh = entry.joinedNumbers.filter { news.hasMain($0, after: since) }
        return deviceListNews(for: user, entry, rooms: fresh, since: since)
    }

    /// - Parameter fresh: the joined rooms that have had events since.
    private func deviceListNews(
        for viewer: UserID, _ user: UserEntry, rooms fresh: [RoomNumber], since: StreamPosition
    ) -> (changed: Set<UserID>, left: Set<UserID>) {
        var changed: Set<UserID> = []
        if deviceLists.last > since {
            changed = deviceLists.changed(after: since) { contacts(of: viewer) }.filter { shareRoom(viewer, $0) }
        }
        changed.formUnion(signedUsers[viewer]?.signed(after: since) ?? [])
        var gone: Set<UserID> = []
        for number in fresh where news.hasMain(number, after: since) {
            let room = news.room(number)
            guard let joinedAt = user.joined[room], let entry = rooms[room] else { continue }
            if joinedAt > since {
                changed.formUnion(entry.joined.keys)
            } else if entry.lastMembershipChange > since {
                for (member, position) in entry.joined where position > since { changed.insert(member) }
                gone.formUnion(entry.departures(after: since))
            }
        }
        if user.lastInvitedOrLeft > since {
            for (room, departure) in user.left where departure.position > since && departure.wasJoined {
                if let members = rooms[room]?.joined.keys { gone.formUnion(members) }
            }
        }
        if !gone.isEmpty { gone = gone.filter { !shareRoom(viewer, $0) } }
        return (changed, gone)
    }
}
