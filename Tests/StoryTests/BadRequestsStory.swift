import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// Whatever clients send, the server answers in Matrix's words and lives on.
@Suite("Bad requests")
struct BadRequestStory {
    private static let connections = 8
    private static let defects = 3_000
    private static let garbage = 9_000
    private static let odd = 1_800
    private static let rounds = 12

    @Test(
        "thousands of bad requests get what the table says, or some Matrix error, never a 5xx; after each thousand and a restart everybody goes on"
    )
    func badRequests() async throws {
        let seed = ProcessInfo.processInfo.environment["HEARTH_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...UInt64.max)
        print("bad requests: HEARTH_SEED=\(seed), \(BadRequestTable.all.count) rows")
        try await withHearth { hearth in
            let scene = try await BadRequestScene(hearth)
            var faults: [String] = []
            for round in 0..<Self.rounds {
                faults += try await withThrowingTaskGroup(of: [String].self) { group in
                    for lane in 0..<Self.connections {
                        let random = SeededGenerator(seed: seed &+ UInt64(round * Self.connections + lane))
                        group.addTask {
                            try await Self.onThread { try Self.send(lane: lane, of: round, scene: scene, random: random) }
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                try await hearth.restart()
                faults += try await scene.faultsOfAccounts()
            }
            #expect(
                faults.isEmpty,
                "HEARTH_SEED=\(seed): \(faults.count) wrong answers:\n\(Set(faults).sorted().prefix(60).joined(separator: "\n"))")

            let dave = try await hearth.client.register("dave")
            let room = try await dave.createRoom(["preset": "public_chat"])
            let start = try await dave.sync(setPresence: "offline")
            let id = try await dave.sendText("still here", to: room)
            let news = try await dave.sync(since: start.nextBatch, setPresence: "offline")
            #expect(news.timeline(of: room).last?["event_id"] == .string(id))
        }
    }

    /// One lane's share of a round over one connection: first rows of the table, then odd values, then garbage.
    private static func send(lane: Int, of round: Int, scene: BadRequestScene, random: SeededGenerator) throws -> [String] {
        var random = random
        var faults: [String] = []
        var connection = RawConnection(to: try scene.url)
        defer { connection.close() }
        let first = round * connections + lane
        for index in stride(from: first, to: max(defects, BadRequestTable.all.count), by: connections * rounds) {
            let row = BadRequestTable.all[index % BadRequestTable.all.count]
            let request = row.request(in: scene, number: index, using: &random)
            let answer = try connection.exchange(request)
            try ExchangeRecorder.shared?.record(
                method: request.method, target: request.target, requestBody: request.body, status: answer.status,
                answerBody: answer.body)
            if let fault = row.fault(in: answer) {
                faults.append("\(row.method) \(row.path.prefix(80)) \(row.body.prefix(80)): \(fault)")
            }
        }
        var oddities = OddRequests(scene: scene, random: random)
        for index in stride(from: first, to: max(odd, 2 * OddRequests.count), by: connections * rounds) {
            let request = oddities.next(index)
            do {
                if let fault = fault(in: try connection.exchange(request)) { faults.append("\(request.summary): \(fault)") }
            } catch {
                faults.append("\(request.summary): \(error)")
            }
        }
        var source = GarbageRequests(scene: scene, random: oddities.random)
        for index in stride(from: first, to: garbage, by: connections * rounds) {
            let request = source.next(index)
            do {
                if let fault = fault(in: try connection.exchange(request)) { faults.append("\(request.summary): \(fault)") }
            } catch {
                faults.append("\(request.summary): \(error)")
            }
        }
        return faults
    }

    /// What is wrong with an answer to any request at all: it has to be success or a Matrix error of the client's making.
    static func fault(in answer: RawAnswer) -> String? {
        let text = String(decoding: answer.body.prefix(200), as: UTF8.self)
        if (200..<300).contains(answer.status) { return nil }
        guard (400..<500).contains(answer.status) else { return "status \(answer.status): \(text)" }
        guard !answer.hasBody || errorCode(of: answer)?.hasPrefix("M_") == true || isAuthenticationChallenge(answer) else {
            return "status \(answer.status) without a Matrix error: \(text)"
        }
        return nil
    }

    /// `errcode`, where there is an `error` beside it.
    static func errorCode(of answer: RawAnswer) -> String? {
        guard let json = json(of: answer), json["error"]?.stringValue != nil else { return nil }
        return json["errcode"]?.stringValue
    }

    /// The 401 of user-interactive authentication has flows and a session in place of an error.
    private static func isAuthenticationChallenge(_ answer: RawAnswer) -> Bool {
        guard answer.status == 401, let json = json(of: answer) else { return false }
        return json["flows"]?.arrayValue != nil && json["session"]?.stringValue != nil
    }

    private static func json(of answer: RawAnswer) -> JSON? {
        do throws(JSONParseError) {
            return try JSON(parsing: answer.body, options: JSONParseOptions(allowsAnyNumber: true, allowsNUL: true))
        } catch {
            return nil
        }
    }

    /// Runs what blocks on a thread of its own.
    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}
