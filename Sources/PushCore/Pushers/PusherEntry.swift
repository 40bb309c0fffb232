import DequeModule
import MatrixModel

/// One pusher at the desk.
struct PusherEntry: Sendable {
    var device: DeviceKey
    /// The gateway's host and port.
    var gateway: String
    private(set) var incarnation: UInt64
    /// Everything up to here is delivered.
    var position: StreamPosition
    var health: PusherHealth
    /// What comes next, oldest first.
    var pending: [StreamPosition] = []
    /// Whether there may be more than what is pending, and the store has to be asked.
    var isBehind = true
    /// Whether something came while the store was being asked.
    private var missedSome = false
    /// In a row.
    var failures = 0
    var isBusy = false

    init(device: DeviceKey, gateway: String, incarnation: UInt64, position: StreamPosition, health: PusherHealth) {
        (self.device, self.gateway, self.incarnation) = (device, gateway, incarnation)
        (self.position, self.health) = (position, health)
    }

    /// It sends elsewhere from now on: what is under way is nothing to it.
    mutating func beginAnew(as incarnation: UInt64, health: PusherHealth) {
        (self.incarnation, self.health, isBusy) = (incarnation, health, false)
    }

    mutating func noticed(_ event: StreamPosition) {
        guard event > position else { return }
        if isBehind {
            missedSome = true
        } else if pending.count >= PusherDesk.mostPending {
            isBehind = true
        } else {
            pending.append(event)
        }
    }

    mutating func wasRead(_ positions: [StreamPosition], isComplete: Bool) {
        pending = positions
        isBehind = !isComplete || missedSome
        missedSome = false
    }

    mutating func moveOn() {
        if pending.isEmpty { return }
        position = max(position, pending.removeFirst())
    }
}
