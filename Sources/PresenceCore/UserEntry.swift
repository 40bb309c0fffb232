import MatrixModel

/// Everything the engine knows of one user.
struct UserEntry: Sendable {
    let id: UserID
    var manual: ManualChoice?
    var devices: [DeviceState] = []
    var publishing = PublishingState()
    /// A deactivated user has nothing and gets nothing any more.
    var isDeactivated = false
    /// Counts what a roll-back undoes, so that checkpoints know their age.
    var changes: UInt64 = 0
    /// How often the user was rolled back, and how far the last time: a checkpoint made after that point is void.
    var rollBacks: UInt64 = 0
    var rolledBackTo: UInt64 = .max

    init(id: UserID) { self.id = id }

    func index(of device: DeviceID) -> Int? { devices.firstIndex { $0.id == device } }

    func manual(at wall: MatrixTimestamp) -> ManualChoice? { manual.flatMap { $0.holds(at: wall) ? $0 : nil } }

    func effective(at now: Now, by periods: DevicePeriods) -> EffectivePresence {
        var inputs = EffectivePresenceRules.Inputs(manual: manual(at: now.wall)?.presence)
        for device in devices {
            if device.isReachable(at: now.monotonic, by: periods) { inputs.isReachable = true }
            switch device.presence(at: now.monotonic, by: periods) {
            case .busy: inputs.believesBusy = true
            case .online: inputs.believesOnline = true
            default: break
            }
        }
        return EffectivePresenceRules.decide(inputs)
    }

    func isReachable(at now: MonotonicTime, by periods: DevicePeriods) -> Bool {
        devices.contains { $0.isReachable(at: now, by: periods) }
    }

    func nextDeadline(after now: MonotonicTime, by periods: DevicePeriods) -> MonotonicTime? {
        var next = publishing.nextDeadline
        for device in devices {
            guard let change = device.nextChange(after: now, by: periods) else { continue }
            next = next.map { min($0, change) } ?? change
        }
        return next
    }
}
