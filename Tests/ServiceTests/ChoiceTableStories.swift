import Foundation
import MatrixModel
import PresenceCore
import Synchronization
import TestSupport
import Testing

@testable import HearthServices

/// The table "Who ends what" of docs/presence.md over a real database, with three who watch and whose every answer is kept: one peeks, one
/// looks at `presence.events`, and one reads profiles in /sync, to whom presence is nothing and a call or a status is news.
@Suite("The table of choices, as others see it")
struct ChoiceTableStories {
    @Test("each row shows the two who watch what the document says, and nothing more", arguments: ChoiceTable.rows)
    func row(_ row: ChoiceTable.Row) async throws { try await run(row, restarts: false) }

    @Test("each row shows them the same with a restart after every step", arguments: ChoiceTable.rows)
    func rowWithRestarts(_ row: ChoiceTable.Row) async throws { try await run(row, restarts: true) }

    private func run(_ row: ChoiceTable.Row, restarts: Bool) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-choices-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try ChoiceServer(directory: directory)
        var shown = "online"
        try await server.whileRunning {
            try server.sync("D", .explicit(.online))
            await server.settleTurns()
            _ = try await server.look()
            _ = try await server.lookAtFields()
            if row.steps.isEmpty { Issue.record("row \(row.number) has no steps") }
        }
        var index = 0
        while index < row.steps.count {
            try await server.whileRunning {
                // A start tells nobody anything.
                #expect(try await server.look() == [[], []], "row \(row.number), a start before `\(row.steps[index].text)`")
                #expect(try await server.lookAtFields() == [:])
                while index < row.steps.count {
                    let step = row.steps[index]
                    if let down = Self.down(step, at: server.clock.now().wall) {
                        server.skip(down)
                        index += 1
                        return
                    }
                    let fields = try await server.visibleFields()
                    try await take(step, on: server)
                    await server.settleTurns()
                    if step.isSoon { try await server.pass(.seconds(restarts ? 75 : 10)) }
                    let news: [String] = step.shown == shown ? [] : [step.shown]
                    shown = step.shown
                    #expect(try await server.look() == [news, news], "row \(row.number), after `\(step.text)`")
                    let told = try await server.lookAtFields()
                    let visible = try await server.visibleFields()
                    for name in ChoiceServer.fieldNames {
                        let isNews = fields[name] != visible[name]
                        #expect(
                            told[name] == (isNews ? .some(visible[name]) : nil), "row \(row.number), \(name) after `\(step.text)`"
                        )
                    }
                    if shown == "offline" { #expect(visible["org.matrix.msc4426.call"] == nil) }
                    index += 1
                    try await server.pass(.seconds(1))
                    if restarts { return }
                }
            }
            server.skip(.seconds(1))
        }
        try await server.whileRunning {
            #expect(try await server.look() == [[], []], "row \(row.number), at the end")
            let standing = try server.presence.state.withLock { $0.engine.standing(of: server.alice)?.rawValue }
            #expect(standing == shown)
        }
    }

    /// How long the server is down, if the step is that it is.
    private static func down(_ step: ChoiceTable.Step, at now: MatrixTimestamp) -> Duration? {
        switch step.words[0] {
        case "restart": .seconds(1)
        case "down": duration(until: step.words[1], from: now)
        default: nil
        }
    }

    private static func duration(until time: String, from now: MatrixTimestamp) -> Duration {
        let parts = time.split(separator: ":").compactMap { Int64($0) }
        let target = (parts[0] * 60 + parts[1]) * 60_000
        let inDay = now.milliseconds % 86_400_000
        return .milliseconds(target > inDay ? target - inDay : target - inDay + 86_400_000)
    }

    private static let claims: [String: SyncClaim] = [
        "silent": .silent, "implied": .impliedOnline, "online": .explicit(.online), "unavailable": .explicit(.unavailable),
        "busy": .explicit(.busy),
    ]

    private func take(_ step: ChoiceTable.Step, on server: ChoiceServer) async throws {
        let (words, now) = (step.words, server.clock.now().wall)
        let presence = try server.presence
        switch (words[0], words.dropFirst().first) {
        case ("DELETE", nil): try await presence.deleteChoices(of: server.alice)
        case ("DELETE", let device?):
            let id = try server.key(device).device
            let has = presence.ownView(of: server.alice).choices.contains { $0.maker.device == id }
            if has {
                try await presence.deleteChoices(of: server.alice, device: id)
            } else {
                await #expect(throws: PresenceError.noChoice) { try await presence.deleteChoices(of: server.alice, device: id) }
            }
        case ("+", _): try await server.pass(.seconds(60 * (Int(words[1]) ?? 0)))
        case (let time, _) where time.contains(":"): try await server.pass(Self.duration(until: time, from: now))
        case (let device, "syncs"?): try server.sync(device, try #require(Self.claims[words[2]]))
        case (let device, "stops"?): try server.stopSync(of: device)
        case (let device, "receipt"?): presence.activityHappened(on: try server.key(device))
        case (let device, "logs"?): try await server.logOut(device)
        case (let device, "calls"?): try await server.setCall(["call_joined_ts": 1], by: device)
        case (let device, "hangs"?): try await server.setCall(nil, by: device)
        case (_, "writes"?):
            let content: JSONObject = words[2] == "nothing" ? [:] : ["state_override": .string(words[2])]
            try await server.accountData.set(PersistentPresence.types[0], content: content, room: nil, of: server.alice)
        case (let device, _):
            let until = words.firstIndex(of: "until").map { Self.duration(until: words[$0 + 1], from: now) }
            try await server.put(
                try #require(words.lazy.compactMap { Presence(rawValue: $0) }.first), by: device,
                marked: device == "B" || words.contains("marked"), until: until.map { now.advanced(by: $0) },
                status: words.contains("text") ? .set("x") : words.contains("\"\"") ? .clear : .unchanged)
        }
    }
}
