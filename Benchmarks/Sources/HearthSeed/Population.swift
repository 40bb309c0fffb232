import Figures
import HearthServices
import HearthSettings
import HearthStore
import Logging
import MatrixModel
import PresenceCore
import RoomRules
import SubscriptionCore

/// Users with profile rooms and what they published, written as the server writes it.
struct Population {
    private let writer: RoomWriter
    private let clock: PastClock
    private let server: ServerName
    private let passwordHash: String
    /// How many users or transitions one transaction takes.
    private static let batch = 200

    init(directory: String, server: ServerName, password: String) async throws {
        let store = try Store(directory: directory, serverName: server)
        let identity = try ServerIdentity(name: server, signingKey: try SigningKeyStore.loadOrMake(in: store, server: server))
        let quiet = Logger(label: "seed") { _ in SwiftLogNoOpLogHandler() }
        let clock = PastClock()
        func assemble() throws -> ServerAssembly {
            let notifier = StreamNotifier(engine: try store.readNow { try SubscriptionRestoration.engine(from: $0) })
            return try ServerAssembly(store: store, server: identity, clock: clock, notifier: notifier, logger: quiet)
        }
        self.server = server
        self.clock = clock
        passwordHash = try await Self.makeHash(of: password, with: assemble())
        writer = try assemble().writer
    }

    /// Registers a first user in the ordinary way, and takes the hash of the password from there: a hash for each would take hours.
    private static func makeHash(of password: String, with assembly: ServerAssembly) async throws -> String {
        let settings = try HearthSettings(["accounts.password_cost": "4"])
        let (store, writer) = (assembly.store, assembly.writer)
        let accounts = assembly.accounts(tokens: try AccessTokens(store: store), settings: settings, followers: [])
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await writer.run() }
            let user = try await accounts.createUser(localpart: "seed", password: password, isAdmin: false)
            writer.close()
            try await group.waitForAll()
            guard let hash = try store.readNow({ try $0.users.user(user)?.passwordHash }) else {
                throw StoreError.corrupt("the first user has no password")
            }
            return hash
        }
    }

    private func user(_ number: Int) -> UserID {
        guard let user = UserID(localpart: "seed\(number)", server: server) else {
            preconditionFailure("seed\(number) is a localpart")
        }
        return user
    }

    /// - Returns: how many users were made within the bounds.
    func register(_ count: Int, within bounds: Bounds) throws -> Int {
        var made = 0
        while made < count, try !bounds.areReached() {
            let range = made..<min(made + Self.batch, count)
            try writer.performNow { [passwordHash] context in
                for number in range {
                    let user = user(number)
                    try context.transaction.users.insert(user, passwordHash: passwordHash, isAdmin: false, at: context.now.wall)
                    _ = try ProfileRoomFactory.create(for: user, in: context)
                }
            }
            made = range.upperBound
        }
        return made
    }

    /// Publishes presence of users drawn at random, spread over the last week.
    ///
    /// - Returns: how many transitions were published within the bounds.
    func publish(_ count: Int, of users: Int, within bounds: Bounds) throws -> Int {
        guard users > 0 else { return 0 }
        var random = SeededGenerator(seed: 1)
        var published = 0
        while published < count, try !bounds.areReached() {
            let range = published..<min(published + Self.batch, count)
            clock.set(back: .seconds(7 * 86_400) * (1 - Double(range.lowerBound) / Double(count)))
            let drawn = range.map { _ in (Int.random(in: 0..<users, using: &random), Int.random(in: 0..<3, using: &random)) }
            try writer.performNow { context in
                for (number, value) in drawn {
                    try publish([.online, .unavailable, .offline][value], of: user(number), in: context)
                }
            }
            published = range.upperBound
        }
        return published
    }

    private func publish(_ presence: Presence, of user: UserID, in context: WriteContext) throws {
        guard let room = try context.transaction.rooms.profileRoom(of: user) else {
            throw StoreError.corrupt("\(user) has no profile room")
        }
        var content: JSONObject = ["presence": .string(presence.rawValue)]
        if presence != .online { content["last_active_ts"] = .integer(context.now.wall.milliseconds - 60_000) }
        try context.send(
            EventRequest(type: "m.presence", stateKey: "", sender: context.server.hearth, content: content), in: room)
        try context.transaction.presence.setPublished(presence.rawValue, lastOnline: context.now.wall, of: user)
    }
}
