public import MatrixModel

extension SubscriptionEngine {
    /// What to tell a device whose token is of a lost history (``StreamHistory``): everything, as to one that comes without a token, and beside
    /// it what takes back whatever else that history may have told.
    ///
    /// Everybody with whom the user shares a room is to be asked for their keys again; whoever has no presence that may be seen is offline;
    /// in every room the list of who is typing stands, also where it is empty; peeks that ended and are not live again have ended.
    public func planStartingOver(
        for device: DeviceKey, legacyPresence: Bool, profileFields: ProfileFields = ProfileFields()
    ) -> SyncPlan {
        var plan = plan(for: device, since: nil, legacyPresence: legacyPresence, profileFields: profileFields, asksAnew: true)
        let contacts = contacts(of: device.user)
        let changed = contacts.union(signedUsers[device.user]?.signed(after: .zero) ?? [])
        plan.changedDeviceLists = changed.sorted { $0.rawValue.precedesInBytes($1.rawValue) }
        if legacyPresence { plan.lostPresence = Array(contacts.subtracting(plan.presence)) }
        for index in plan.joined.indices { plan.joined[index].typing = rooms[plan.joined[index].room]?.typing ?? [] }
        let peeks = devices[device] ?? PeekEntry()
        let told = Set((plan.joined + plan.peeked).map(\.room) + plan.left.map(\.room) + plan.invited)
        plan.endedPeeks = Set(peeks.ended.map(\.room)).subtracting(told).sorted { $0.rawValue.precedesInBytes($1.rawValue) }
        return plan
    }
}
