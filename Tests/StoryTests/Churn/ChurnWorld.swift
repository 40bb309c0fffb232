import HearthTestKit
import MatrixModel
import Synchronization

/// Everybody of the churn and what they share: rooms, files, and the notes of what went wrong.
final class ChurnWorld: Sendable {
    private struct State: Sendable {
        var idle: [ChurnUser] = []
        var number = 0
        var rooms: [String] = []
        var events: [String: String] = [:]
        var image = "none"
        /// Ways of a route that were answered, by the class of the answer's status.
        var answers: [ChurnRoute: [Int: Int]] = [:]
        var lastAnswers: [ChurnRoute: String] = [:]
        var faults: [String] = []
        var isStopping = false
        var unanswered = 0
        var files: [KeptFile] = []
        var messages: [KeptMessage] = []
        var ended: Set<String> = []
    }

    /// An upload that was acknowledged; its bytes come from its number.
    struct KeptFile: Sendable {
        let media: String
        let number: Int
        let size: Int
    }

    /// A message that was acknowledged; its text is its transaction id.
    struct KeptMessage: Sendable {
        let room: String
        let eventID: String
        let text: String
    }

    let seed: UInt64
    let lobby: String
    let keepers: [ChurnUser]
    let client: ChurnClient
    private let state = Mutex(State())

    /// Registers everybody: all are in the lobby, and each keeper has a room of their own.
    init(_ hearth: HearthProcess, users: Int, keepers keeping: Int, seed: UInt64) async throws {
        self.seed = seed
        client = ChurnClient(hearth)
        let client = client
        let people = (0..<users).map { ChurnUser(name: "user\($0)", number: $0 + 1, isKeeper: $0 < keeping) }
        keepers = Array(people[..<keeping])
        let host = people[0]
        try await client.register(host)
        let lobby = try await client.createRoom(of: host, named: "Lobby", alias: "lobby")
        self.lobby = lobby
        try await concurrently(people.dropFirst(), lanes: 16) { user in
            try await client.register(user)
            try await client.join(lobby, by: user)
        }
        try await concurrently(keepers, lanes: 16) { _ = try await client.createRoom(of: $0, named: "Room of \($0.name)") }
        let rooms = [lobby] + keepers.compactMap { keeper in keeper.knowledge.withLock { $0.rooms.last } }
        let image = try await client.upload(TestImages.jpeg, by: host)
        state.withLock { ($0.idle, $0.rooms, $0.image) = (people, rooms, image) }
    }

    // MARK: Who plays

    /// Somebody with whom nobody else is busy; the caller gives them back.
    func take(using random: inout SeededGenerator) -> ChurnUser? {
        state.withLock { state in
            guard let index = state.idle.indices.randomElement(using: &random) else { return nil }
            state.idle.swapAt(index, state.idle.count - 1)
            return state.idle.removeLast()
        }
    }

    func giveBack(_ user: ChurnUser) { state.withLock { $0.idle.append(user) } }

    /// Another takes the place of a user whose account has ended.
    func replace(_ user: ChurnUser) async throws {
        state.withLock { _ = $0.ended.insert(user.userID) }
        let number = nextNumber()
        let newcomer = ChurnUser(name: "late\(number)", number: number + 100_000, isKeeper: false)
        try await client.register(newcomer)
        try await client.join(lobby, by: newcomer)
        giveBack(newcomer)
    }

    /// Everybody with an account, while nobody plays.
    var people: [ChurnUser] { state.withLock { $0.idle } }
    var ended: Set<String> { state.withLock { $0.ended } }

    func someone(using random: inout SeededGenerator) -> ChurnUser {
        state.withLock { $0.idle.randomElement(using: &random) } ?? keepers[0]
    }

    /// Somebody whom others may invite, kick and ban.
    func wanderer(using random: inout SeededGenerator) -> ChurnUser {
        for _ in 0..<20 {
            let found = someone(using: &random)
            if !found.isKeeper { return found }
        }
        return ChurnUser(name: "nobody", number: 0, isKeeper: false)
    }

    // MARK: What is shared

    func nextNumber() -> Int {
        state.withLock { state in
            state.number += 1
            return state.number
        }
    }

    func publicRoom(using random: inout SeededGenerator) -> String {
        state.withLock { $0.rooms.randomElement(using: &random) } ?? lobby
    }
    func event(in room: String) -> String? { state.withLock { $0.events[room] } }
    func note(_ event: String, in room: String) { state.withLock { $0.events[room] = event } }
    var image: String { state.withLock { $0.image } }

    func note(_ file: KeptFile) { state.withLock { $0.files.append(file) } }
    func note(_ message: KeptMessage) { state.withLock { $0.messages.append(message) } }
    var files: [KeptFile] { state.withLock { $0.files } }
    var messages: [KeptMessage] { state.withLock { $0.messages } }

    /// The bytes of a file, which its number makes.
    static func content(_ number: Int, size: Int) -> [UInt8] {
        var random = SeededGenerator(seed: UInt64(number))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size + 8)
        while bytes.count < size { withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) } }
        return Array(bytes[..<size])
    }

    // MARK: What went wrong

    func note(_ status: Int, to request: ChurnRequest, _ text: @autoclosure () -> String) {
        state.withLock { state in
            state.answers[request.route, default: [:]][status / 100, default: 0] += 1
            if status >= 400 { state.lastAnswers[request.route] = "\(status) \(text().prefix(200))" }
        }
        if isFault(status) { noteFault("\(request.route.method) \(request.target): \(status) \(text())") }
    }

    /// Whether no server may answer so: 503 is the word of one that is being stopped, to whoever comes then.
    func isFault(_ status: Int) -> Bool { status >= 500 && !(status == 503 && isStopping) }

    /// Whether the server has been asked to end and is not known to have ended.
    var isStopping: Bool {
        get { state.withLock(\.isStopping) }
        set { state.withLock { $0.isStopping = newValue } }
    }

    func noteFault(_ fault: String) { state.withLock { if $0.faults.count < 100 { $0.faults.append(fault) } } }
    func noteUnanswered() { state.withLock { $0.unanswered += 1 } }

    var faults: [String] { state.withLock { $0.faults } }

    /// The routes that never got an answer of this class, with those that they got.
    func never(_ status: Int, among routes: [ChurnRoute]) -> [String] {
        state.withLock { state in
            routes.filter { state.answers[$0]?[status / 100] == nil }
                .map { "\($0.method) \($0.pattern): \(state.lastAnswers[$0] ?? "nothing")" }
        }
    }

    /// One line for the log.
    var summary: String {
        state.withLock { state in
            var classes: [Int: Int] = [:]
            for answers in state.answers.values { classes.merge(answers, uniquingKeysWith: +) }
            let counts = classes.sorted { $0.key < $1.key }.map { "\($0.value) answers of \($0.key)xx" }.joined(separator: ", ")
            return "\(counts), \(state.unanswered) requests without an answer, \(state.files.count) files, "
                + "\(state.messages.count) messages, \(state.ended.count) accounts ended"
        }
    }
}

/// Does something with each element, a few at a time.
func concurrently<Element: Sendable>(
    _ elements: some Sequence<Element>, lanes: Int, _ body: @escaping @Sendable (Element) async throws -> Void
) async throws {
    let elements = Array(elements)
    try await withThrowingTaskGroup(of: Void.self) { group in
        for lane in 0..<lanes {
            group.addTask { for index in stride(from: lane, to: elements.count, by: lanes) { try await body(elements[index]) } }
        }
        try await group.waitForAll()
    }
}
