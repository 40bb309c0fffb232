import HearthClient
import MatrixModel

/// One person of the demo with real devices: each holds its own `/sync`, as clients do.
final class DemoResident: Sendable {
    let resident: Resident
    let credentials: [Gadget: Credentials]
    private let uses: [Gadget: AsyncStream<GadgetUse>]
    private let tellUse: [Gadget: AsyncStream<GadgetUse>.Continuation]

    /// The longest held request.
    private static let longPoll: Duration = .seconds(25)

    init(_ resident: Resident, credentials: [Gadget: Credentials]) {
        self.resident = resident
        self.credentials = credentials
        var (uses, tellUse): ([Gadget: AsyncStream<GadgetUse>], [Gadget: AsyncStream<GadgetUse>.Continuation]) = ([:], [:])
        for gadget in Gadget.allCases {
            (uses[gadget], tellUse[gadget]) = AsyncStream.makeStream(of: GadgetUse.self, bufferingPolicy: .bufferingNewest(1))
        }
        (self.uses, self.tellUse) = (uses, tellUse)
    }

    /// Does what the plan says.
    func perform(_ act: Act, clock: SimulatedClock) async throws {
        guard let phone = credentials[.phone] else { return }
        func expiry(_ lasts: Int?) -> MatrixTimestamp? {
            lasts.map { SystemTime.now().advanced(by: max(.seconds(1), clock.real(minutes: $0))) }
        }
        switch act {
        case .use(let gadget, let use): tellUse[gadget]?.yield(use)
        case .status(let emoji, let text, let lasts):
            let status = PersonStatus(text: text, emoji: emoji, expires: expiry(lasts))
            try await phone.connection.setStatus(status, of: phone.user)
        case .statusCleared: try await phone.connection.setStatus(nil, of: phone.user)
        case .choose(let presence, let lasts):
            try await phone.connection.setPresence(presence, until: expiry(lasts), of: phone.user)
        case .automatic: try await phone.connection.clearPresence(of: phone.user)
        }
    }

    /// Keeps the devices syncing until it is cancelled.
    func live() async {
        await withTaskGroup(of: Void.self) { group in
            for gadget in Gadget.allCases {
                guard let uses = uses[gadget], let credentials = credentials[gadget] else { continue }
                group.addTask { await Self.follow(uses, on: credentials) }
            }
        }
    }

    /// Each use is held until the next one comes.
    private static func follow(_ uses: AsyncStream<GadgetUse>, on credentials: Credentials) async {
        var iterator = uses.makeAsyncIterator()
        var use = await iterator.next()
        while let current = use {
            use = await withTaskGroup(of: Void.self) { group in
                if let claim = current.claim { group.addTask { await hold(claim, on: credentials) } }
                let next = await iterator.next()
                group.cancelAll()
                return next
            }
        }
    }

    private static func hold(_ claim: String, on credentials: Credentials) async {
        var since: String?
        var filter: String?
        while !Task.isCancelled {
            do {
                if filter == nil { filter = try await credentials.connection.storeFilter(for: [], of: credentials.user) }
                since = try await credentials.connection.sync(
                    since: since, timeout: since == nil ? .zero : longPoll, filter: filter, presence: claim
                ).nextBatch
            } catch {
                // The server ends, or the use changed; if neither, try again.
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }
}
