import MatrixModel
import SubscriptionCore
import Testing

/// An engine that lives through commits, one after the other.
struct Scene {
    var engine = SubscriptionEngine()
    private var lastWaiter: UInt64 = 0

    /// The position of the last commit.
    var position: Int64 { engine.position.rawValue }

    /// Commits what the body writes; returns who is woken.
    @discardableResult
    mutating func commit(_ write: (inout CommitWriter) -> Void) -> Set<WaiterID> {
        var writer = CommitWriter(after: engine.position)
        write(&writer)
        return engine.apply(writer.commit)
    }

    /// What is new for a device; nil when the plan names anything twice.
    func plan(_ device: DeviceKey, since: Int64?, legacy: Bool = false) -> ShownPlan? {
        ShownPlan(engine.plan(for: device, since: since.map { StreamPosition($0) }, legacyPresence: legacy))
    }

    /// Holds a request of a device.
    mutating func wait(_ device: DeviceKey) -> WaiterID {
        lastWaiter += 1
        let waiter = WaiterID(lastWaiter)
        engine.wait(waiter, for: device)
        return waiter
    }
}

extension ShownPlan {
    /// A plan made from nothing by some changes.
    static func of(_ change: (inout ShownPlan) -> Void) -> ShownPlan {
        var plan = ShownPlan()
        change(&plan)
        return plan
    }
}
