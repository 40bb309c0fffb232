import Figures
import NIOCore

/// A user who shares a room with many, some of whom have a status: the initial sync with and without asking for profiles, in turn.
@BenchActor
struct ProfilesCase {
    var users = 10_000
    var statuses = 1_000
    var rounds = 6
    /// Initial syncs of each kind in a round.
    var initialSyncs = 3

    private static let asking =
        #"{"org.matrix.msc4429.profile_fields":{"ids":["org.matrix.msc4426.status","org.matrix.msc4426.call"]}}"#

    func run(on server: Homeserver, report: Report) async throws {
        let name = "\(users) shared users, \(statuses) with a status"
        // In parts: each user of a crowd has a connection.
        var reader: BenchUser?
        var room = ""
        for start in stride(from: 0, to: users, by: 500) {
            let crowd = try await Crowd.make(min(500, users - start), named: "profile", on: server)
            guard let first = crowd.first else { return }
            if reader == nil {
                reader = first
                room = try await first.createRoom()
            }
            let (home, own) = (room, reader?.userID)
            try await concurrently(crowd.filter { $0.userID != own }) { try await $0.join(home) }
            for user in crowd.prefix(max(0, statuses - start)) {
                let status = #"{"m.status":{"text":"at work","emoji":"🏠"}}"#
                try await user.request("PUT", "/profile/\(user.userID.escaped)/m.status", status)
            }
            for user in crowd where user.userID != own { try await user.connection.close() }
        }
        guard let reader else { return }
        let lazy = #""room":{"state":{"lazy_load_members":true}}"#
        for (kind, plain, asking) in [
            ("", "{}", Self.asking), (", lazy", "{\(lazy)}", Self.asking.dropLast() + ",\(lazy)}"),
        ] {
            var cpu = (plain: 0.0, asking: 0.0)
            var size = (plain: 0, asking: 0)
            for _ in 0..<rounds {
                let plainly = try await measured(plain, of: reader, on: server)
                let askingly = try await measured(String(asking), of: reader, on: server)
                (cpu.plain, cpu.asking) = (cpu.plain + plainly.cpu, cpu.asking + askingly.cpu)
                size = (plainly.size, askingly.size)
            }
            let count = Double(rounds * initialSyncs) * 1_000
            report.figure("CPU of an initial sync\(kind)", cpu.plain / count, "ms", in: name, note: "\(size.plain) bytes")
            report.figure(
                "CPU of one that asks for profiles\(kind)", cpu.asking / count, "ms", in: name, note: "\(size.asking) bytes")
        }
        try await reader.connection.close()
    }

    private func measured(
        _ filter: String, of reader: BenchUser, on server: Homeserver
    ) async throws -> (cpu: Double, size: Int) {
        var size = 0
        let cpu = try await Measured.run(server) {
            for _ in 0..<initialSyncs {
                reader.since = nil
                size = try await reader.sync(filter: filter).body.readableBytes
            }
        }.cpu
        return (cpu, size)
    }
}
