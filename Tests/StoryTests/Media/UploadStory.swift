import Foundation
import HearthTestKit
import MatrixModel
import Testing

@Suite("Uploads")
struct UploadStory {
    @Test("a file over the limit is refused, whether its size was told or not, and leaves nothing")
    func tooLarge() async throws {
        try await withHearth(settings: ["media.max_upload_size": "100000"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let config = try await alice.get("/_matrix/client/v1/media/config")
            #expect(config.json["m.upload.size"] == 100_000)
            let token = try #require(alice.session?.accessToken)
            let url = try hearth.baseURL
            // Told, and not sent.
            let told = try Self.exchange(
                url, Self.head(token, "Content-Length: 100001"), then: [])
            #expect(told.contains("413"))
            #expect(told.contains("M_TOO_LARGE"))
            // Not told: chunks, of which the last ones are too many.
            let chunk = Array("4000\r\n".utf8) + [UInt8](repeating: 120, count: 0x4000) + Array("\r\n".utf8)
            let chunks = try Self.exchange(
                url, Self.head(token, "Transfer-Encoding: chunked"), then: Array(repeating: chunk, count: 7))
            #expect(chunks.contains("413"))
            #expect(chunks.contains("M_TOO_LARGE"))
            #expect(try await soon { try hearth.mediaFiles().isEmpty })
            // The largest that fits.
            let media = try await alice.upload([UInt8](repeating: 1, count: 100_000))
            #expect(try await alice.file("GET", "/_matrix/client/v1/media/download/\(raw: media)").bytes.count == 100_000)
            // The limit of other requests is not this one, and stays.
            #expect(
                try await alice.request(
                    "PUT", "/user/\(alice.userID)/account_data/x", rawBody: [UInt8](repeating: 32, count: 1_100_000)
                ).status == 413)
        }
    }

    /// An answer that a reset overtakes is none.
    @Test("whoever sends all of what is too large before listening hears why it is not taken", arguments: [true, false])
    func heard(isFile: Bool) async throws {
        try await withHearth(settings: ["media.max_upload_size": "100000"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let token = try #require(alice.session?.accessToken)
            let size = 30_000_000
            let target = isFile ? "POST /_matrix/media/v3/upload" : "PUT /_matrix/client/v3/user/\(alice.userID)/account_data/x"
            let chunk = Array("100000\r\n".utf8) + [UInt8](repeating: 120, count: 0x10_0000) + Array("\r\n".utf8)
            for isTold in [true, false] {
                let socket = try RawSocket(to: try hearth.baseURL)
                try socket.send(
                    "\(target) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n"
                        + (isTold ? "Content-Length: \(size)\r\n\r\n" : "Transfer-Encoding: chunked\r\n\r\n"))
                if isTold {
                    try socket.send([UInt8](repeating: 120, count: size))
                } else {
                    for _ in 0..<30 { try socket.send(chunk) }
                    try socket.send("0\r\n\r\n")
                }
                let answer = try socket.receiveAll()
                #expect(answer.hasPrefix("HTTP/1.1 413"))
                #expect(answer.contains("M_TOO_LARGE"))
                #expect(answer.split(separator: "HTTP/1.1").count == 1, "one answer and no other")
                socket.close(withReset: false)
            }
            #expect(try await soon { try hearth.mediaFiles().isEmpty })
        }
    }

    @Test("an upload that breaks off leaves nothing, and the server goes on", arguments: [false, true])
    func breaksOff(withReset: Bool) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let token = try #require(alice.session?.accessToken)
            for lines in ["Content-Length: 2000000", "Transfer-Encoding: chunked"] {
                let socket = try RawSocket(to: try hearth.baseURL)
                try socket.send(Self.head(token, lines))
                let isChunked = lines.hasPrefix("Transfer")
                let half = [UInt8](repeating: 7, count: 0xF0000)
                try socket.send((isChunked ? Array("F0000\r\n".utf8) : []) + half + (isChunked ? Array("\r\n".utf8) : []))
                #expect(try await soon { try hearth.mediaFiles().contains { $0.hasPrefix("incoming/") } })
                socket.close(withReset: withReset)
                #expect(try await soon { try hearth.mediaFiles().isEmpty })
            }
            let media = try await alice.upload([1, 2, 3])
            #expect(try await alice.file("GET", "/_matrix/client/v1/media/download/\(raw: media)").bytes == [1, 2, 3])
        }
    }

    @Test("what a killed server left unfinished is gone after the next start; what was answered is there")
    func killed() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let media = try await alice.upload(Array("kept".utf8))
            let socket = try RawSocket(to: try hearth.baseURL)
            try socket.send(Self.head(try #require(alice.session?.accessToken), "Content-Length: 2000000"))
            try socket.send([UInt8](repeating: 7, count: 1_000_000))
            #expect(try await soon { try hearth.mediaFiles().contains { $0.hasPrefix("incoming/") } })
            hearth.kill()
            socket.close(withReset: false)
            #expect(try hearth.mediaFiles().count == 2)
            try await hearth.start()
            #expect(try hearth.mediaFiles().count == 1)
            #expect(try await alice.file("GET", "/_matrix/client/v1/media/download/\(raw: media)").text == "kept")
        }
    }

    @Test("an id can be made first and filled later, once, by who made it; who asks for it in between waits")
    func laterUpload() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let made = try await alice.post("/_matrix/media/v1/create")
            let media = String(try made.string("content_uri").dropFirst("mxc://".count))
            let expires = try #require(made.json["unused_expires_at"]?.integerValue)
            let day = Int64(Date().timeIntervalSince1970 * 1000) + 24 * 3600 * 1000
            #expect(abs(expires - day) < 60_000)
            let upload: MatrixPath = "/_matrix/media/v3/upload/\(raw: media)"
            let download: MatrixPath = "/_matrix/client/v1/media/download/\(raw: media)"

            let early = try await bob.request("GET", download, query: ["timeout_ms": "0"])
            #expect(early.status == 504)
            #expect(early.errorCode == "M_NOT_YET_UPLOADED")
            let short = try await bob.request("GET", download, query: ["timeout_ms": "50"])
            #expect(short.status == 504)
            let stranger = try await bob.file("PUT", upload, body: [1])
            #expect(stranger.status == 403)
            #expect(stranger.text.contains("M_FORBIDDEN"))

            async let waiting = bob.file("GET", download)
            try await Task.sleep(for: .milliseconds(200))
            let filled = try await alice.file(
                "PUT", upload, query: ["filename": "a.txt"], headers: ["Content-Type": "text/plain"], body: Array("here".utf8))
            #expect(filled.status == 200)
            #expect(filled.text == "{}")
            let answer = try await waiting
            #expect(answer.text == "here")
            #expect(answer.header("Content-Disposition") == "inline; filename=\"a.txt\"")

            let again = try await alice.file("PUT", upload, body: Array("other".utf8))
            #expect(again.status == 409)
            #expect(again.text.contains("M_CANNOT_OVERWRITE_MEDIA"))
            #expect(try await bob.file("GET", download).text == "here")
            for unknown in ["localhost/nothing", "example.org/nothing"] {
                let answer = try await alice.file("PUT", "/_matrix/media/v3/upload/\(raw: unknown)", body: [1])
                #expect(answer.status == 404)
                #expect(answer.text.contains("M_NOT_FOUND"))
            }
        }
    }

    @Test("a user may have so many ids that wait, and another user's are not counted")
    func manyIDs() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            var first = ""
            for number in 0..<20 {
                let made = try await alice.post("/_matrix/media/v1/create")
                if number == 0 { first = String(try made.string("content_uri").dropFirst("mxc://".count)) }
            }
            let refused = try await alice.request("POST", "/_matrix/media/v1/create", body: [:])
            #expect(refused.status == 429)
            #expect(refused.errorCode == "M_LIMIT_EXCEEDED")
            try await (try await hearth.client.register("bob")).post("/_matrix/media/v1/create")
            #expect(try await alice.file("PUT", "/_matrix/media/v3/upload/\(raw: first)", body: [1]).status == 200)
            try await alice.post("/_matrix/media/v1/create")
        }
    }

    @Test("a quota bounds what a user uploads in all, and leaves no file behind")
    func quota() async throws {
        try await withHearth(settings: ["media.user_quota": "1000"]) { hearth in
            let alice = try await hearth.client.register("alice")
            _ = try await alice.upload([UInt8](repeating: 1, count: 600))
            let refused = try await alice.file("POST", "/_matrix/media/v3/upload", body: [UInt8](repeating: 2, count: 401))
            #expect(refused.status == 403)
            #expect(refused.text.contains("M_FORBIDDEN"))
            _ = try await alice.upload([UInt8](repeating: 3, count: 400))
            _ = try await (try await hearth.client.register("bob")).upload([UInt8](repeating: 4, count: 1000))
            #expect(try await soon { try hearth.mediaFiles().count == 3 })
            // Several at once: each fits alone, all of them do not.
            let carol = try await hearth.client.register("carol")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<5 {
                    let body = [UInt8](repeating: UInt8(10 + number), count: 400)
                    group.addTask { try await carol.file("POST", "/_matrix/media/v3/upload", body: body).status }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.sorted() == [200, 200, 403, 403, 403])
            #expect(try await soon { try hearth.mediaFiles().count == 5 })
        }
    }

    @Test("a name that is too long is refused")
    func longName() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let answer = try await alice.file(
                "POST", "/_matrix/media/r0/upload", query: ["filename": String(repeating: "x", count: 1025)], body: [1])
            #expect(answer.status == 400)
            #expect(answer.text.contains("M_INVALID_PARAM"))
            #expect(answer.header("Connection") == "close")
            #expect(try hearth.mediaFiles().isEmpty)
        }
    }

    private static func head(_ token: String, _ lines: String) -> String {
        "POST /_matrix/media/v3/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n\(lines)\r\n\r\n"
    }

    /// Sends a head and pieces, as far as they are taken, and returns all that comes back until the server closes.
    private static func exchange(_ url: String, _ head: String, then pieces: [[UInt8]]) throws -> String {
        let socket = try RawSocket(to: url)
        defer { socket.close(withReset: false) }
        try socket.send(head)
        for piece in pieces {
            do { try socket.send(piece) } catch { break }
        }
        var answer: [UInt8] = []
        while case let bytes = try socket.receive(), !bytes.isEmpty { answer += bytes }
        return String(decoding: answer, as: UTF8.self)
    }
}
