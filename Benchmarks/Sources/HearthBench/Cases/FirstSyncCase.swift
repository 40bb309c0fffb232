import Figures
import NIOCore

/// A user in many rooms: the initial sync, and an incremental one with nothing new.
@BenchActor
struct FirstSyncCase {
    var rooms = 200
    var members = 100
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
        var size = 0
        let initial = try await Measured.run(server) {
            for _ in 0..<initialSyncs {
                user.since = nil
                size = try await user.sync().body.readableBytes
            }
        }
        report.figure("CPU of an initial sync", initial.cpu / Double(initialSyncs) / 1_000, "ms", in: name, note: "\(size) bytes")
        let lazy = #"{"room":{"state":{"lazy_load_members":true}}}"#
        let lazily = try await Measured.run(server) {
            for _ in 0..<initialSyncs {
                user.since = nil
                size = try await user.sync(filter: lazy).body.readableBytes
            }
        }
        report.figure(
            "CPU of an initial sync, lazy", lazily.cpu / Double(initialSyncs) / 1_000, "ms", in: name, note: "\(size) bytes")
        let empty = try await Measured.run(server) {
            for _ in 0..<emptySyncs { try await user.sync() }
        }
        report.figure("CPU of a sync with nothing new", empty.cpu / Double(emptySyncs), "us", in: name)
        report.generator(empty, in: name)
        for user in users { try await user.connection.close() }
    }
}
