import MatrixModel

/// The periods that devices are judged by, and what a start of the server does to them.
///
/// After a start every device that was in contact within `reachableFor` before the stop counts as one whose contact ended, and
/// whose user was active, at the start. When the server stopped is not known; the newest contact of all devices stands for it.
/// Contacts are stored to the minute, so that a minute more is granted.
struct DevicePeriods: Sendable {
    let settings: PresenceSettings
    let startedAt: MonotonicTime
    // In nanoseconds: a duration's arithmetic is a hundred times as dear, and each signal does some ten sums.
    let deviceGrace: Int64
    let reachableFor: Int64
    let busyDeviceGrace: Int64
    let idleAfter: Int64
    let pusherReachableFor: Int64
    let fallWindow: Int64
    /// The oldest contact that still counts as one that ended at the start.
    private var earliestRecovered = MonotonicTime(nanoseconds: .max)
    private var newestRestored = DeviceState.never

    init(settings: PresenceSettings, startedAt: MonotonicTime) {
        self.settings = settings
        self.startedAt = startedAt
        deviceGrace = settings.deviceGrace.wholeNanoseconds
        reachableFor = settings.reachableFor.wholeNanoseconds
        busyDeviceGrace = settings.busyDeviceGrace.wholeNanoseconds
        idleAfter = settings.idleAfter.wholeNanoseconds
        pusherReachableFor = settings.pusherReachableFor.wholeNanoseconds
        fallWindow = settings.fallWindow.wholeNanoseconds
    }

    /// Until then nothing but what users do by hand makes anybody's presence fall.
    var recoveryEnd: MonotonicTime { startedAt.advanced(byNanoseconds: deviceGrace) }

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

extension MonotonicTime {
    /// This time so many nanoseconds later; stays at the end of the range instead of overflowing.
    func advanced(byNanoseconds amount: Int64) -> MonotonicTime {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(amount)
        return MonotonicTime(nanoseconds: overflow ? (amount < 0 ? .min : .max) : sum)
    }
}

extension Duration {
    /// Kept inside `Int64`: some three hundred years.
    fileprivate var wholeNanoseconds: Int64 { MonotonicTime(nanoseconds: 0).advanced(by: self).nanoseconds }
}
