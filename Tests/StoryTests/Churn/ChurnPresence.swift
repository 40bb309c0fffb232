import HearthTestKit
import MatrixModel
import Synchronization

/// Two who watch everybody's presence, one through peeks into profile rooms and one in the old way, and what they have seen.
///
/// Their sync tokens live as long as the churn, restarts included: what they think is what a client would show.
final class ChurnPresence: Sendable {
    private struct Seen: Sendable {
        var since: String?
        var presence: [String: String] = [:]
    }

    private let world: ChurnWorld
    private let peeker = ChurnUser(name: "peeker", number: 200_001, isKeeper: false)
    private let elder = ChurnUser(name: "elder", number: 200_002, isKeeper: false)
    private let owners = Mutex<[String: String]>([:])
    private let peeked = Mutex(Seen())
    private let legacy = Mutex(Seen())

    init(_ world: ChurnWorld) async throws {
        self.world = world
        for watcher in [peeker, elder] {
            try await world.client.register(watcher)
            try await world.client.join(world.lobby, by: watcher)
        }
        try await peek(world.people.map(\.userID))
    }

    private func peek(_ users: [String]) async throws {
        for start in stride(from: 0, to: users.count, by: 100) {
            let some = users[start..<min(start + 100, users.count)]
            let body: JSON = ["user_ids": .array(some.map(JSON.string))]
            let answer = try await world.client.insist(
                ChurnRequest("POST", "/_matrix/client/unstable/io.hearth/peek_profiles", body), by: peeker)
            owners.withLock { owners in
                for member in answer["peeks"]?.objectValue?.members ?? [] {
                    if let room = member.value["room_id"]?.stringValue { owners[room] = member.key }
                }
            }
        }
    }

    /// Says with a held sync of each keeper what they are, and compares what is shown of everybody with the model; says what differs in
    /// the end. Nobody else may be doing anything.
    func faults(round: Int) async throws -> [String] {
        var random = SeededGenerator(seed: world.seed &+ UInt64(round))
        var claims: [String: String] = [:]
        for keeper in world.keepers {
            claims[keeper.userID] = ["online", "unavailable", "busy"][Int.random(in: 0..<3, using: &random)]
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for keeper in world.keepers {
                let claim = claims[keeper.userID] ?? "online"
                group.addTask { try await self.hold(keeper, claim: claim) }
            }
            let deadline = ContinuousClock.now + .seconds(40)
            var faults: [String] = []
            repeat {
                try await Task.sleep(for: .milliseconds(300))
                try await look()
                faults = differences(claims: claims)
            } while !faults.isEmpty && ContinuousClock.now < deadline
            if faults.isEmpty { faults += try await askedFaults(claims: claims) }
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
            return faults
        }
    }

    /// Syncs as one device, over and over, which says what its user is and is no activity.
    private func hold(_ keeper: ChurnUser, claim: String) async throws {
        var since: String?
        while !Task.isCancelled {
            let query = "?timeout=\(since == nil ? 0 : 20_000)&set_presence=\(claim)" + (since.map { "&since=\($0)" } ?? "")
            let answer: FileResponse
            do {
                answer = try await world.client.sendAsGuest(
                    ChurnRequest("GET", "/sync\(raw: query)&filter=\(raw: Self.nothing)"), token: keeper.token,
                    address: keeper.address)
            } catch {
                if Task.isCancelled { return }
                throw error
            }
            if answer.status == 429 { try await Task.sleep(for: .milliseconds(200)) }
            guard answer.status == 200 || answer.status == 429 else {
                throw ChurnError("a held sync of \(keeper.name): \(answer.status) \(answer.text)")
            }
            since = ChurnClient.json(answer)?["next_batch"]?.stringValue ?? since
        }
    }

    /// A filter that asks for no events at all.
    private static let nothing = BadRequestScene.percentEncoded(
        #"{"presence":{"types":[]},"account_data":{"types":[]},"room":{"rooms":[]}}"#)

    /// Takes over what is new for the two.
    private func look() async throws {
        if let answer = try await sync(peeker, since: peeked.withLock { $0.since }) {
            let owners = owners.withLock { $0 }
            peeked.withLock { seen in
                seen.since = answer["next_batch"]?.stringValue
                for member in answer["rooms", "peek"]?.objectValue?.members ?? [] {
                    guard let owner = owners[member.key] else { continue }
                    let news = member.value
                    let events = news.events(at: "state") + news.events(at: "timeline")
                    if let presence = events.ofType("m.presence").last?["content", "presence"]?.stringValue {
                        seen.presence[owner] = presence
                    }
                }
            }
        }
        if let answer = try await sync(elder, since: legacy.withLock { $0.since }) {
            legacy.withLock { seen in
                seen.since = answer["next_batch"]?.stringValue
                for event in answer.events(at: "presence") {
                    if let user = event["sender"]?.stringValue, let presence = event["content", "presence"]?.stringValue {
                        seen.presence[user] = presence
                    }
                }
            }
        }
    }

    private func sync(_ watcher: ChurnUser, since: String?) async throws -> JSON? {
        let query = "?timeout=0&set_presence=offline" + (since.map { "&since=\($0)" } ?? "")
        let answer = try await world.client.patiently(ChurnRequest("GET", "/sync\(raw: query)"), by: watcher)
        guard answer.status == 200 else { throw ChurnError("a watcher's sync: \(answer.status) \(answer.text)") }
        return ChurnClient.json(answer)
    }

    private func differences(claims: [String: String]) -> [String] {
        let (peeked, legacy) = (peeked.withLock { $0.presence }, legacy.withLock { $0.presence })
        var faults: [String] = []
        for user in world.people {
            let expected = expected(of: user, claims: claims)
            let byPeek = peeked[user.userID] ?? "offline"
            // Who came later is not peeked at.
            let isPeeked = owners.withLock { $0.values.contains(user.userID) }
            if isPeeked, !expected.contains(byPeek) { faults.append("\(user.name) is \(byPeek) by peek, not \(expected)") }
            let byLegacy = legacy[user.userID].map { $0.replacing("org.matrix.msc3026.", with: "") } ?? "offline"
            if !expected.contains(byLegacy) { faults.append("\(user.name) is \(byLegacy) in presence.events, not \(expected)") }
        }
        return faults
    }

    private func expected(of user: ChurnUser, claims: [String: String]) -> Set<String> {
        guard let claim = claims[user.userID] else { return ["offline"] }
        return Set(user.possible("presence").map { ChurnKept.shown(choice: $0, claim: claim) })
    }

    /// What the old endpoint answers of some keepers.
    private func askedFaults(claims: [String: String]) async throws -> [String] {
        var faults: [String] = []
        for keeper in world.keepers.prefix(20) {
            let answer = try await world.client.patiently(ChurnRequest("GET", "/presence/\(keeper.userID)/status"), by: elder)
            let presence =
                ChurnClient.json(answer)?["presence"]?.stringValue?.replacing("org.matrix.msc3026.", with: "") ?? "none"
            let expected = expected(of: keeper, claims: claims)
            if !expected.contains(presence) { faults.append("\(keeper.name) is \(presence) when asked for, not \(expected)") }
        }
        return faults
    }
}
