import Foundation
import HearthTestKit
import MatrixModel
import Synchronization

/// Many at once who ask for everything, until the server goes or the time is over: people who do one thing after the other, some of whom
/// go away in the middle of it, held syncs, and readers who do not read.
final class ChurnLoad: Sendable {
    private let world: ChurnWorld
    /// Each route as often as its weight says.
    private let routes: [ChurnRoute]
    private let players: Int
    private let listeners: Int
    private let slowReaders: Int
    private let isEnding = Atomic<Bool>(false)

    init(_ world: ChurnWorld, routes: [ChurnRoute], players: Int, listeners: Int, slowReaders: Int) {
        self.world = world
        self.routes = routes.flatMap { Array(repeating: $0, count: $0.weight) }
        self.players = players
        self.listeners = listeners
        self.slowReaders = slowReaders
    }

    /// Runs for a time and then ends; with `end`, that is what ends the server beneath it.
    func run(for time: Duration, round: Int, end: (@Sendable () async throws -> Void)? = nil) async throws {
        isEnding.store(false, ordering: .sequentiallyConsistent)
        let deadline = ContinuousClock.now + time
        // Whoever still plays after the end of the server finds it gone.
        let stop = end == nil ? deadline : deadline + .seconds(60)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for player in 0..<players { group.addTask { try await self.play(self.random(round, player), until: stop) } }
            for listener in 0..<listeners {
                group.addTask { try await self.listen(self.random(round, 1_000 + listener), until: stop) }
            }
            for reader in 0..<slowReaders {
                group.addTask { await self.readSlowly(self.random(round, 5_000 + reader), until: stop) }
            }
            try await Task.sleep(until: deadline, clock: .continuous)
            isEnding.store(true, ordering: .sequentiallyConsistent)
            world.isStopping = end != nil
            try await end?()
            try await group.waitForAll()
        }
        world.isStopping = false
        if end != nil { for user in world.people { user.serverIsGone() } }
    }

    /// Every route once, in turn, and again where it did not do what it is for: none is left to chance.
    func tryEach(_ routes: [ChurnRoute]) async throws {
        var random = random(0, 9_999)
        for route in routes {
            for _ in 0..<5 {
                let user = try await wanderer(using: &random)
                let status = try await ask(for: route, by: user, using: &random)
                try await finish(user)
                if status < 300 { break }
            }
        }
    }

    private func wanderer(using random: inout SeededGenerator) async throws -> ChurnUser {
        while true {
            guard let user = world.take(using: &random) else { throw ChurnError("everybody is busy") }
            if !user.isKeeper { return user }
            world.giveBack(user)
        }
    }

    private func random(_ round: Int, _ place: Int) -> SeededGenerator {
        SeededGenerator(seed: world.seed &+ UInt64(round) &* 1_000_003 &+ UInt64(place))
    }

    private var isOver: Bool { isEnding.load(ordering: .sequentiallyConsistent) }

    // MARK: People

    private func play(_ random: SeededGenerator, until deadline: ContinuousClock.Instant) async throws {
        var random = random
        while ContinuousClock.now < deadline {
            guard let user = world.take(using: &random) else {
                try await Task.sleep(for: .milliseconds(10))
                continue
            }
            do {
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    if user.isKeeper { try await keep(user, using: &random) } else { try await wander(user, using: &random) }
                }
            } catch let error as ChurnError {
                throw error
            } catch {
                world.giveBack(user)
                world.noteUnanswered()
                if isOver { return }
                world.noteFault("a request of \(user.name) got no answer: \(error)")
                continue
            }
            do {
                try await finish(user)
            } catch let error where isOver && !(error is ChurnError) {
                // An account had ended, and the server went before there was another.
                return
            }
        }
    }

    private func finish(_ user: ChurnUser) async throws {
        if user.knowledge.withLock({ $0.isGone }) { try await world.replace(user) } else { world.giveBack(user) }
    }

    private func wander(_ user: ChurnUser, using random: inout SeededGenerator) async throws {
        guard let route = routes.randomElement(using: &random) else { return }
        if Int.random(in: 0..<20, using: &random) == 0 {
            let request = try ChurnRequest(route, of: user, in: world, using: &random)
            try await vanish(in: request.bytes(of: user), using: &random)
        } else {
            try await ask(for: route, by: user, using: &random)
        }
    }

    /// Asks for a route, and first for what is missing to that; returns the last answer's status.
    @discardableResult
    private func ask(for route: ChurnRoute, by user: ChurnUser, using random: inout SeededGenerator) async throws -> Int {
        for _ in 0..<4 where !user.isKeeper {
            guard let missing = route.missing(user.knowledge.withLock({ $0 })),
                let first = routes.first(where: { $0.operation == missing })
            else { break }
            _ = try await askOnce(for: first, by: user, using: &random)
        }
        return try await askOnce(for: route, by: user, using: &random)
    }

    private func askOnce(for route: ChurnRoute, by user: ChurnUser, using random: inout SeededGenerator) async throws -> Int {
        let request = try ChurnRequest(route, of: user, in: world, using: &random)
        let answer = try await world.client.send(request, by: user)
        world.note(answer.status, to: request, answer.text)
        return answer.status
    }

    /// A keeper writes what is compared later, and reads everything else.
    private func keep(_ user: ChurnUser, using random: inout SeededGenerator) async throws {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: try await uploadFile(by: user, using: &random)
        case 1, 2: try await sendMessage(by: user)
        case 3, 4, 5, 6:
            let value = ChurnKept.all.randomElement(using: &random) ?? ChurnKept.all[0]
            try await write(value, by: user, using: &random)
        default:
            if let route = routes.randomElement(using: &random), route.method == "GET" {
                try await ask(for: route, by: user, using: &random)
            }
        }
    }

    private func write(_ value: ChurnKept, by user: ChurnUser, using random: inout SeededGenerator) async throws {
        let number = user.attempt(value.name)
        let request = value.write(user, user.ownRoom, number)
        if Int.random(in: 0..<10, using: &random) == 0 {
            user.loseAnswer(value.name, number)
            return try await vanish(in: request.bytes(of: user), using: &random)
        }
        do {
            let answer = try await world.client.send(request, by: user)
            world.note(answer.status, to: request, answer.text)
            switch answer.status {
            case 200: user.acknowledge(value.name, number)
            case 429: break
            case 503 where world.isStopping: user.loseAnswer(value.name, number)
            default: world.noteFault("\(user.name) may not write \(value.name): \(answer.status) \(answer.text)")
            }
        } catch {
            user.loseAnswer(value.name, number)
            throw error
        }
    }

    private func sendMessage(by user: ChurnUser) async throws {
        let text = "kept \(world.nextNumber())"
        let room = user.ownRoom
        let request = ChurnRequest(
            "PUT", "/rooms/\(room)/send/m.room.message/\(text)", ["msgtype": "m.text", "body": .string(text)])
        let answer = try await world.client.send(request, by: user)
        world.note(answer.status, to: request, answer.text)
        guard answer.status == 200, let id = ChurnClient.json(answer)?["event_id"]?.stringValue else { return }
        world.note(ChurnWorld.KeptMessage(room: room, eventID: id, text: text))
        world.note(id, in: room)
    }

    private func uploadFile(by user: ChurnUser, using random: inout SeededGenerator) async throws {
        let (number, size) = (world.nextNumber(), Int.random(in: 1...100_000, using: &random))
        var request = ChurnRequest("POST", "/_matrix/media/v3/upload")
        request.body = ChurnWorld.content(number, size: size)
        let answer = try await world.client.send(request, by: user)
        world.note(answer.status, to: request, answer.text)
        guard answer.status == 200, let uri = ChurnClient.json(answer)?["content_uri"]?.stringValue else { return }
        world.note(ChurnWorld.KeptFile(media: String(uri.dropFirst(6)), number: number, size: size))
    }

    // MARK: Clients that vanish, hold and do not read

    /// Sends a request, or a part of it, and is gone.
    private func vanish(in bytes: [UInt8], using random: inout SeededGenerator) async throws {
        let socket = try RawSocket(to: try world.client.url)
        defer { socket.close(withReset: Bool.random(using: &random)) }
        let isWhole = Int.random(in: 0..<3, using: &random) > 0
        do {
            try socket.send(Array(isWhole ? bytes[...] : bytes.prefix(Int.random(in: 0...bytes.count, using: &random))))
        } catch is RawSocket.Failure {
            return
        }
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...20, using: &random)))
    }

    /// Holds syncs of one after the other, who may meanwhile do something else, log out or end the account.
    private func listen(_ random: SeededGenerator, until deadline: ContinuousClock.Instant) async throws {
        var random = random
        while ContinuousClock.now < deadline, !isOver {
            let user = world.someone(using: &random)
            let said =
                user.isKeeper ? "offline" : ["online", "unavailable", "busy", "offline"][Int.random(in: 0..<4, using: &random)]
            var since: String?
            do {
                for _ in 0..<Int.random(in: 1...5, using: &random) where !isOver {
                    let query = "?timeout=\(since == nil ? 0 : 5_000)&set_presence=\(said)" + (since.map { "&since=\($0)" } ?? "")
                    let request = ChurnRequest("GET", "/sync\(raw: query)")
                    let answer = try await world.client.sendAsGuest(request, token: user.token, address: user.address)
                    // One that continues is held, and is answered with what there is when the server stops.
                    if since == nil ? world.isFault(answer.status) : answer.status >= 500 {
                        world.noteFault("a sync since \(since ?? "nothing"): \(answer.status) \(answer.text)")
                    }
                    guard answer.status == 200 else { break }
                    since = ChurnClient.json(answer)?["next_batch"]?.stringValue
                }
            } catch {
                if isOver { return }
                world.noteFault("a held sync of \(user.name) got no answer: \(error)")
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 10...300, using: &random)))
        }
    }

    /// Asks for much and takes little of it.
    private func readSlowly(_ random: SeededGenerator, until deadline: ContinuousClock.Instant) async {
        var random = random
        while ContinuousClock.now < deadline, !isOver {
            let user = world.someone(using: &random)
            let target =
                Bool.random(using: &random) ? "sync?timeout=0&full_state=true" : "rooms/\(world.lobby)/messages?dir=b&limit=1000"
            let request = RawRequest(
                method: "GET", target: "/_matrix/client/v3/" + target.replacing("!", with: "%21"),
                headers: [("Authorization", "Bearer \(user.token)"), ("X-Forwarded-For", user.address)])
            do {
                let socket = try RawSocket(to: try world.client.url)
                defer { socket.close(withReset: true) }
                try socket.send(request.bytes)
                for _ in 0..<Int.random(in: 1...5, using: &random) where !isOver { try await Task.sleep(for: .seconds(1)) }
            } catch {
                if isOver { return }
            }
        }
    }
}

extension ChurnClient {
    /// Sends a request with a token as it is, and learns nothing from the answer.
    func sendAsGuest(_ request: ChurnRequest, token: String, address: String) async throws -> FileResponse {
        try await client.file(
            request.route.method, "\(raw: request.target)",
            headers: ["Authorization": "Bearer \(token)", "X-Forwarded-For": address], body: request.body)
    }
}
