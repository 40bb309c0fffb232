import Figures
import NIOCore

/// A user in many rooms: the initial sync, and an incremental one with nothing new.
@BenchActor
struct FirstSyncCase {
    var rooms = 200
    var members = 100
    var rounds = 4
    /// Initial syncs of each kind in a round.
    var initialSyncs = 5
    var emptySyncs = 5_000

    func run(on server: Homeserver, report: Report) async throws {
        let name = "sync in \(rooms) rooms of \(members)"
        let users = try await Crowd.make(members, named: "member", on: server)
        guard let user = users.first else { return }
        for number in 0..<rooms {
            let room = try await user.createRoom(#"{"preset":"public_chat","name":"Room \#(number)"}"#)
            try await concurrently(Array(users.dropFirst())) { try await $0.join(room) }
        }
        let lazy = #"{"room":{"state":{"lazy_load_members":true}}}"#
        var kinds = [
            Kind(name: "an initial sync"), Kind(name: "an initial sync, lazy", filter: lazy),
            Kind(name: "an initial sync, use_state_after", stateAfter: true),
            Kind(name: "an initial sync, lazy, use_state_after", filter: lazy, stateAfter: true),
        ]
        // In turn, so that what else the machine does meets all of them.
        for _ in 0..<rounds {
            for index in kinds.indices { try await kinds[index].measure(initialSyncs, of: user, on: server) }
        }
        for kind in kinds {
            let cost = kind.cpu / Double(rounds * initialSyncs) / 1_000
            report.figure("CPU of \(kind.name)", cost, "ms", in: name, note: "\(kind.size) bytes")
        }
        let empty = try await Measured.run(server) {
            for _ in 0..<emptySyncs { try await user.sync() }
        }
        report.figure("CPU of a sync with nothing new", empty.cpu / Double(emptySyncs), "us", in: name)
        report.generator(empty, in: name)
        for user in users { try await user.connection.close() }
    }

    /// A way to ask for everything.
    @BenchActor
    private struct Kind {
        let name: String
        var filter: String?
        var stateAfter = false
        private(set) var cpu = 0.0
        private(set) var size = 0

        init(name: String, filter: String? = nil, stateAfter: Bool = false) {
            self.name = name
            self.filter = filter
            self.stateAfter = stateAfter
        }

        mutating func measure(_ count: Int, of user: BenchUser, on server: Homeserver) async throws {
            var last = 0
            cpu += try await Measured.run(server) {
                for _ in 0..<count {
                    user.since = nil
                    last = try await user.sync(filter: filter, stateAfter: stateAfter).body.readableBytes
                }
            }.cpu
            size = last
        }
    }
}
