public import MatrixModel

/// That a user is on a call, as a profile field says (`m.call`, [MSC4426](https://github.com/matrix-org/matrix-spec-proposals/pull/4426)):
/// a claim of `busy` by the device that wrote it.
///
/// Believed while that device is live and ``PresenceSettings/busyDeviceGrace`` after its last contact or after the write, whichever came
/// later, and at most ``PresenceSettings/busyExpiresAfter`` after the write. Where the writer is not known, that alone counts.
public struct CallClaim: Sendable, Equatable {
    public let device: DeviceID?
    public let written: MatrixTimestamp

    public init(device: DeviceID?, written: MatrixTimestamp) {
        self.device = device
        self.written = written
    }
}

/// A call as the engine holds it.
struct StandingCall: Sendable {
    /// Where a user's call is, if there is one: most users have none, and pay eight bytes for it.
    indirect enum Place: Sendable {
        case none
        case some(StandingCall)
    }

    let claim: CallClaim
    /// When it was written, on the other clock.
    let written: MonotonicTime

    func expires(by periods: DevicePeriods) -> MatrixTimestamp { claim.written.advanced(by: periods.settings.busyExpiresAfter) }
}

extension UserEntry {
    func believesCall(at now: Now, by periods: DevicePeriods) -> Bool {
        guard let call, now.wall < call.expires(by: periods) else { return false }
        guard let device = call.claim.device else { return true }
        if now.monotonic < call.written.advanced(byNanoseconds: periods.busyDeviceGrace) { return true }
        guard let index = index(of: device) else { return false }
        return devices[index].keepsCall(at: now.monotonic, by: periods)
    }

    /// The next moment at which the call may be over, on the monotonic clock.
    func nextCallDeadline(after now: MonotonicTime, by periods: DevicePeriods) -> MonotonicTime? {
        guard let call, let device = call.claim.device else { return nil }
        let end = call.written.advanced(byNanoseconds: periods.busyDeviceGrace)
        guard let index = index(of: device) else { return end > now ? end : nil }
        guard let last = devices[index].callEnd(by: periods) else { return nil }
        return max(end, last) > now ? max(end, last) : nil
    }

    /// - Returns: whether there was a call that is over.
    mutating func endCallThatIsOver(at now: Now, by periods: DevicePeriods) -> Bool {
        guard call != nil, !believesCall(at: now, by: periods) else { return false }
        call = nil
        return true
    }
}

extension DeviceState {
    /// Until when a call of this device is believed; nil while it is in contact.
    func callEnd(by periods: DevicePeriods) -> MonotonicTime? {
        guard syncs.isEmpty else { return nil }
        // Who is hidden is recovered as somebody who is gone, but the call may go on all the same.
        let end = contactEnd < periods.startedAt && wasInContact ? periods.startedAt : periods.contactEnd(of: self)
        return end == Self.never ? end : end.advanced(byNanoseconds: periods.busyDeviceGrace)
    }

    func keepsCall(at now: MonotonicTime, by periods: DevicePeriods) -> Bool { callEnd(by: periods).map { now < $0 } ?? true }
}
