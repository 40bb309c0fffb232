import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// Answers that are much larger than what was asked: many at once take no more memory than one after the other.
@Suite("Large answers", .serialized)
struct FirstSyncsStory {
    private static let users = 5
    private static let filter = #"{"room":{"timeline":{"limit":500}}}"#
    private static let size = 20 * 1024 * 1024
    /// `limits.buffers` and 300 MiB, in KiB.
    private static let most = (256 + 300) * 1024

    @Test("50 first syncs of 20 MiB at once stay within the bound, whether their clients read or not; nobody else waits")
    func firstSyncs() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let (members, room) = try await fill(hearth)
            let url = try hearth.baseURL
            let bystander = try await Bystander(on: hearth)
            let before = try hearth.memory("VmRSS")
            let (answers, report) = try await bystander.whileEnduring {
                // A client that takes nothing of a small answer holds up nobody.
                let slow = try RawSocket(to: url, from: "127.0.0.9")
                defer { slow.close(withReset: true) }
                try slow.send(Self.request("/_matrix/client/v3/rooms/\(room)/messages?dir=b&limit=3", of: members[0]))
                try await Task.sleep(for: .milliseconds(300))
                let path = "/_matrix/client/v3/sync?set_presence=offline&filter=\(Self.filter.percentEncodedForQuery)"
                return try await Self.ask(50, path, of: members, url: url)
            }
            let peak = try hearth.memory("VmHWM")
            print("50 first syncs: \(answers.summary); \(before / 1024) MiB before, peak \(peak / 1024) MiB; \(report.summary)")
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            #expect(peak < Self.most, "\(peak / 1024) MiB")
            #expect(answers.whole > 0, "some are answered")
            #expect(answers.whole + answers.refused == answers.read, "and all others are told to come again")
            // Whoever comes again when it is quiet gets it all.
            let path = "/_matrix/client/v3/sync?filter=\(Self.filter.percentEncodedForQuery)"
            let late = try await Self.ask(1, path, of: members, url: url)
            #expect(late.whole == 1)
        }
    }

    @Test("so do 50 pages of history at once")
    func pages() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let (members, room) = try await fill(hearth)
            let url = try hearth.baseURL
            let bystander = try await Bystander(on: hearth)
            let before = try hearth.memory("VmRSS")
            let (answers, report) = try await bystander.whileEnduring {
                try await Self.ask(50, "/_matrix/client/v3/rooms/\(room)/messages?dir=b&limit=500", of: members, url: url)
            }
            let peak = try hearth.memory("VmHWM")
            print("50 pages: \(answers.summary); \(before / 1024) MiB before, peak \(peak / 1024) MiB; \(report.summary)")
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            #expect(peak < Self.most, "\(peak / 1024) MiB")
            #expect(answers.whole > 0)
            #expect(answers.whole + answers.refused == answers.read)
        }
    }

    /// A room of which 500 messages are more than 20 MiB, and who is in it.
    private func fill(_ hearth: HearthProcess) async throws -> (members: [MatrixClient], room: String) {
        var members: [MatrixClient] = []
        for number in 0..<Self.users { members.append(try await hearth.client.register("member\(number)")) }
        let room = try await members[0].createRoom(["preset": "public_chat"])
        for member in members.dropFirst() { try await member.join(room) }
        let body = String(repeating: "x", count: 60_000)
        let count = Self.size / 60_000 + 5
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, member) in members.enumerated() {
                group.addTask {
                    for number in stride(from: place, to: count, by: Self.users) {
                        while true {
                            let answer = try await member.request(
                                "PUT", "/rooms/\(room)/send/m.room.message/\(String(number))",
                                body: ["msgtype": "m.text", "body": .string(body)])
                            if answer.status == 200 { break }
                            let wait = answer.json["retry_after_ms"]?.integerValue
                            try await Task.sleep(for: .milliseconds(try #require(wait, "\(answer.status)")))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        return (members, room)
    }

    private struct Answers: Sendable {
        var whole = 0
        var refused = 0
        /// How many were read.
        var read = 0
        var summary: String { "\(whole) whole, \(refused) refused, of \(read) that were read" }
    }

    /// Every other client of many reads; the others ask and take nothing. Nobody comes again after a refusal.
    private static func ask(_ count: Int, _ path: String, of users: [MatrixClient], url: String) async throws -> Answers {
        let requests = (0..<count).map { number in
            request(path, of: users[number % users.count])
        }
        return try await withThrowingTaskGroup(of: Answers.self) { group in
            for (number, request) in requests.enumerated() {
                group.addTask {
                    // Each user from an address of their own.
                    let address = "127.0.0.\(2 + number % users.count)"
                    let reads = count == 1 || number % 2 == 0
                    return try await onThread {
                        Result { try Self.exchange(request, reads: reads, url: url, from: address) }
                    }.get()
                }
            }
            return try await group.reduce(into: Answers()) { sum, answer in
                sum.whole += answer.whole
                sum.refused += answer.refused
                sum.read += answer.read
            }
        }
    }

    private static func request(_ path: String, of user: MatrixClient) -> String {
        """
        GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
        Authorization: Bearer \(user.session?.accessToken ?? "")\r\n\r\n
        """
    }

    private static func exchange(_ request: String, reads: Bool, url: String, from address: String) throws -> Answers {
        let socket = try RawSocket(to: url, from: address)
        defer { socket.close(withReset: true) }
        try socket.send(request)
        guard reads else {
            Thread.sleep(forTimeInterval: 4)
            return Answers()
        }
        var (head, count) = ("", 0)
        while true {
            let bytes = try socket.receive()
            if bytes.isEmpty { break }
            if count == 0 { head = String(decoding: bytes.prefix(12), as: UTF8.self) }
            count += bytes.count
        }
        return Answers(
            whole: head == "HTTP/1.1 200" && count > size ? 1 : 0, refused: head == "HTTP/1.1 429" ? 1 : 0, read: 1)
    }
}

extension String {
    fileprivate var percentEncodedForQuery: String {
        addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? self
    }
}
