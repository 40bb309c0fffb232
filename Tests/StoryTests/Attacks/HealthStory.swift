import Foundation
import HearthTestKit
import MatrixModel
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What `/health` says of a disk that fails, and how soon.
@Suite("Health under a failing disk")
struct HealthStory {
    @Test("while another process holds the database's write lock, the server says within a second that it cannot write")
    func lockedDatabase() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let room = try await alice.createRoom()
            #expect(try health(hearth) == 200)
            do {
                let lock = try WriteLock(of: hearth.dataDirectory.appending(path: "hearth.db-shm").path)
                defer { lock.release() }
                let refused = try await alice.request("PUT", "/rooms/\(room)/send/m.room.message/1", body: ["body": "x"])
                #expect(refused.status == 503)
                // What changes nothing succeeds meanwhile, and must not pass for a sign of health.
                for _ in 0..<5 {
                    _ = try await alice.sync()
                    #expect(try await alice.request("POST", "/rooms/!none:localhost/join", body: [:]).status != 200)
                    #expect(try health(hearth) == 503)
                    try await Task.sleep(for: .milliseconds(300))
                }
            }
            try await eventually("the server is well again") { try health(hearth) == 200 }
            try await alice.sendText("and works", to: room)
        }
    }

    @Test("a database that cannot be written is found out though nobody writes")
    func lockedAndQuiet() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            _ = try await alice.createRoom()
            #expect(try health(hearth) == 200)
            let lock = try WriteLock(of: hearth.dataDirectory.appending(path: "hearth.db-shm").path)
            defer { lock.release() }
            // Not before ten seconds are over for which the last write proves that writing works.
            try await eventually("the server says that it cannot write", within: .seconds(20)) { try health(hearth) == 503 }
        }
    }

    /// The status of `/health`; fails where it takes a second.
    private func health(_ hearth: HearthProcess) throws -> Int {
        let began = ContinuousClock.now
        var connection = RawConnection(to: try hearth.baseURL)
        defer { connection.close() }
        let status = try connection.exchange(RawRequest(method: "GET", target: "/health", headers: [], body: [])).status
        let took = ContinuousClock.now - began
        #expect(took < .seconds(1), "answered \(status) after \(took)")
        return status
    }

    private func eventually(
        _ what: String, within limit: Duration = .seconds(10), _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, "\(what)")
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}

/// The lock that a writer of a write-ahead log takes, held by this process: what another program at the database does.
///
/// [Format](https://www.sqlite.org/walformat.html#locks): WAL_WRITE_LOCK is byte 120 of the shared-memory file.
private final class WriteLock {
    private let descriptor: Int32

    init(of path: String) throws {
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        try #require(descriptor >= 0)
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = 120
        lock.l_len = 1
        try #require(fcntl(descriptor, F_SETLKW, &lock) == 0)
    }

    func release() { close(descriptor) }
}
