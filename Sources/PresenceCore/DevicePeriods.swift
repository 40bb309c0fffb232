import MatrixModel

/// The periods that devices are judged by, and what a start of the server does to them.
///
/// After a start every device that was in contact within `reachableFor` before the stop counts as one whose contact ended, and
/// whose user was active, at the start. When the server stopped is not known; the newest contact of all devices stands for it.
/// Contacts are stored to the minute, so that a minute more is granted.
struct DevicePeriods: Sendable {
    let settings: PresenceSettings
    let startedAt: MonotonicTime
    /// The oldest contact that still counts as one that ended at the start.
    private var earliestRecovered = MonotonicTime(nanoseconds: .max)
    private var newestRestored = DeviceState.never

    init(settings: PresenceSettings, startedAt: MonotonicTime) {
        self.settings = settings
        self.startedAt = startedAt
    }

    /// Until then nothing but what users do by hand makes anybody's presence fall.
    var recoveryEnd: MonotonicTime { startedAt.advanced(by: settings.deviceGrace) }

    mutating func contactWasRestored(_ contact: MonotonicTime) {
        guard contact > newestRestored else { return }
        newestRestored = contact
        earliestRecovered = contact.advanced(by: .zero - settings.reachableFor).advanced(by: .seconds(-60))
    }

    func contactEnd(of device: DeviceState) -> MonotonicTime {
        isRecovered(device) ? startedAt : device.contactEnd
    }

    func lastActivity(of device: DeviceState) -> MonotonicTime {
        isRecovered(device) ? startedAt : device.lastActivity
    }

    private func isRecovered(_ device: DeviceState) -> Bool {
        device.contactEnd < startedAt && device.contactEnd >= earliestRecovered
    }
}
