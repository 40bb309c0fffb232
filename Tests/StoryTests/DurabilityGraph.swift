import HearthTestKit
import MatrixModel
import RoomRules

/// What is wrong with a room's exported events; empty when they are one unbroken graph.
///
/// Every event of the main chain names the one before it. In a profile room every event of the lane names the lane's last, and the
/// main chain's end when that moved; the first names just that.
enum DurabilityGraph {
    static func faults(in room: String, of hearth: HearthProcess, version: RoomVersion, hasLane: Bool) async throws -> [String] {
        let lines = try await hearth.command(["room", "export", room]).utf8.split(separator: UInt8(ascii: "\n"))
        let events = try lines.map { line in
            let json = try JSON(parsing: line)
            guard let object = json.objectValue else { throw EventFormatError.notCanonicalJSON }
            return try SignedEvent(parsing: object, version: version)
        }
        return events.isEmpty ? ["\(room) has no events"] : faults(in: events, hasLane: hasLane)
    }

    private static func faults(in events: [SignedEvent], hasLane: Bool) -> [String] {
        var faults: [String] = []
        var main: EventID?
        var lane: EventID?
        var named: EventID?
        var time = MatrixTimestamp(milliseconds: 0)
        for event in events {
            if event.originServerTS <= time { faults.append("\(event.type) \(event.id) is not later than the one before") }
            if !event.hasValidContentHash() { faults.append("\(event.type) \(event.id) is not what was signed") }
            time = event.originServerTS
            let isLane = hasLane && (event.type == .presence || event.type == .status) && event.stateKey == ""
            let expected = isLane ? [lane, named == main ? nil : main].compactMap(\.self) : [main].compactMap(\.self)
            if event.prevEvents != expected {
                faults.append("\(event.type) \(event.id) names \(event.prevEvents), not \(expected)")
            }
            if isLane {
                lane = event.id
                named = main
            } else {
                main = event.id
            }
        }
        return faults
    }
}
