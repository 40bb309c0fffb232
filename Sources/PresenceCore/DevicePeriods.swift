import MatrixModel

/// The periods that devices are judged by, and what a start of the server does to them.
///
/// After a start a device that was in contact within `reachableFor` before the stop counts as one whose contact ended, and whose user
/// was active, at the start: it is *recovered*, which keeps what stands published and raises nobody (``PresenceEngine/restore(_:stoppedAt:at:)``).
/// Any other contact from before the start counts for its pusher alone.
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

    /// Until then nothing but what is done by hand makes the presence of a user fall who has a device that may still come back.
    var recoveryEnd: MonotonicTime { startedAt.advanced(byNanoseconds: deviceGrace) }

    /// The oldest contact that is recovered. Contacts are stored to the minute, so that a minute more is granted.
    func earliestRecovered(stoppedAt: MatrixTimestamp) -> MatrixTimestamp {
        stoppedAt.advanced(by: .zero - settings.reachableFor).advanced(by: .seconds(-60))
    }

    /// When the contact ended that makes the device live and reachable; `never` for one from before the start that is not recovered.
    func contactEnd(of device: DeviceState) -> MonotonicTime {
        if device.contactEnd >= startedAt { return device.contactEnd }
        return device.isRecovered ? startedAt : DeviceState.never
    }

    /// When the contact ended that a working pusher counts from.
    func pusherContactEnd(of device: DeviceState) -> MonotonicTime {
        device.isRecovered ? max(device.contactEnd, startedAt) : device.contactEnd
    }

    func lastActivity(of device: DeviceState) -> MonotonicTime {
        device.isRecovered && device.contactEnd < startedAt ? startedAt : device.lastActivity
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
