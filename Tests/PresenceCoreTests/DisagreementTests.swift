import Foundation
import MatrixModel
import PresenceCore
import Testing

/// Two devices of one user that do not say the same, as the table in docs/presence.md has it: the document is the test's table.
@Suite("Two devices that disagree")
struct DisagreementTests {
    /// What one device does with its syncs.
    enum Device: String, CaseIterable {
        case busy, online, unavailable, silent

        /// - Parameter leavesOnlineOut: the client does not name `online`, so that the server takes it from the device's activity.
        func claim(leavingOnlineOut leavesOnlineOut: Bool = false) -> SyncClaim {
            switch self {
            case .busy: .explicit(.busy)
            case .online: leavesOnlineOut ? .impliedOnline : .explicit(.online)
            case .unavailable: .explicit(.unavailable)
            case .silent: .silent
            }
        }

        /// How long after its last contact a device of this kind still counts.
        func grace(by settings: PresenceSettings) -> Duration { self == .busy ? settings.busyDeviceGrace : settings.deviceGrace }
    }

    /// One line of the document's table.
    struct Row: Sendable, CustomTestStringConvertible {
        let first: Device
        let second: Device
        let bothSync: Presence
        let firstStopped: Presence
        let bothStopped: Presence
        let idle: Presence

        var testDescription: String { "\(first.rawValue) beside \(second.rawValue)" }

        init?(line: some StringProtocol) {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
            guard cells.count == 6, let first = Device(rawValue: cells[0]), let second = Device(rawValue: cells[1]) else {
                return nil
            }
            let presences = cells[2...].compactMap { Presence(rawValue: $0) }
            guard presences.count == 4 else { return nil }
            (self.first, self.second) = (first, second)
            (bothSync, firstStopped, bothStopped, idle) = (presences[0], presences[1], presences[2], presences[3])
        }
    }

    /// The rows of the document, in its order.
    static func rows() throws -> [Row] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/presence.md"), encoding: .utf8)
        return text.split(separator: "\n").compactMap { Row(line: $0) }
    }

    @Test("the document's table holds each of the sixteen pairs once")
    func isComplete() throws {
        let pairs = try Self.rows().map { [$0.first.rawValue, $0.second.rawValue] }
        #expect(pairs.count == 16)
        #expect(Set(pairs).count == 16)
    }

    @Test("while both sync, the first rule that matches wins", arguments: try rows())
    func bothSync(_ row: Row) {
        var pair = Pair(row)
        pair.expect(row.bothSync)
    }

    @Test("when the first stops, its word fades after its grace", arguments: try rows())
    func firstStopped(_ row: Row) {
        var pair = Pair(row)
        pair.stopFirst()
        pair.scene.pass(row.first.grace(by: pair.settings))
        pair.expect(row.firstStopped)
    }

    @Test("when both stop, both fade", arguments: try rows())
    func bothStopped(_ row: Row) {
        var pair = Pair(row)
        pair.stopFirst()
        pair.stopSecond()
        pair.scene.pass(max(row.first.grace(by: pair.settings), row.second.grace(by: pair.settings)))
        pair.expect(row.bothStopped)
    }

    @Test("an online that nobody named becomes unavailable when its device is idle", arguments: try rows())
    func idle(_ row: Row) {
        var pair = Pair(row, leavesOnlineOut: true)
        pair.expect(row.bothSync)
        pair.scene.pass(pair.settings.idleAfter)
        pair.expect(row.idle)
    }

    @Test("an online that the client names is believed however idle the device", arguments: try rows())
    func explicitIsNotIdle(_ row: Row) {
        var pair = Pair(row)
        pair.scene.pass(pair.settings.idleAfter)
        pair.expect(row.bothSync)
    }
}

/// Alice with two devices, each in one sync that is held until it is stopped.
private struct Pair {
    var scene = Scene()
    let settings = PresenceSettings()
    private let first: SyncHandle
    private let second: SyncHandle

    init(_ row: DisagreementTests.Row, leavesOnlineOut: Bool = false) {
        first = scene.start("FIRST", row.first.claim(leavingOnlineOut: leavesOnlineOut))
        second = scene.start("SECOND", row.second.claim(leavingOnlineOut: leavesOnlineOut))
    }

    mutating func stopFirst() { scene.end(first) }
    mutating func stopSecond() { scene.end(second) }

    /// Effective now, and what everybody sees once it has settled.
    mutating func expect(_ presence: Presence, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(scene.effective().presence == presence, sourceLocation: sourceLocation)
        scene.pass(settings.settle)
        #expect(scene.seen.last?.presence ?? .offline == presence, sourceLocation: sourceLocation)
    }
}
