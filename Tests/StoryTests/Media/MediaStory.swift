import Foundation
import HearthTestKit
import MatrixModel
import Testing

@Suite("Files that users share")
struct MediaStory {
    @Test("a file comes back as it went up: bytes, type and name, with headers that keep browsers from running it")
    func roundTrip() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) }
            let media = try await alice.upload(bytes, contentType: "image/png", fileName: "caf\u{E9}.png")
            for client in [alice, bob] {
                let answer = try await client.file("GET", "/_matrix/client/v1/media/download/\(raw: media)")
                #expect(answer.status == 200)
                #expect(answer.bytes == bytes)
                #expect(answer.header("Content-Type") == "image/png")
                #expect(
                    answer.header("Content-Disposition") == "inline; filename=\"caf_.png\"; filename*=UTF-8''caf%C3%A9.png")
                #expect(
                    answer.header("Content-Security-Policy")
                        == "sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; "
                        + "style-src 'unsafe-inline'; object-src 'self';")
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                #expect(answer.header("Cross-Origin-Resource-Policy") == "cross-origin")
                #expect(answer.header("Access-Control-Allow-Origin") == "*")
                #expect(answer.header("Cache-Control") == "private, max-age=31536000, immutable")
            }
            let renamed = try await bob.file("GET", "/_matrix/client/v1/media/download/\(raw: media)/\("x/\u{22}.svg")")
            #expect(renamed.header("Content-Disposition") == "inline; filename=\"x__.svg\"; filename*=UTF-8''x%2F%22.svg")
            #expect(renamed.bytes == bytes)

            try await hearth.restart()
            let later = try await bob.file("GET", "/_matrix/client/v1/media/download/\(raw: media)")
            #expect(later.bytes == bytes)
        }
    }

    @Test("what a browser might run is an attachment, and a type that fits into no header is none")
    func types() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            for (type, served, disposition) in [
                ("text/html", "text/html", "attachment"), ("image/svg+xml", "image/svg+xml", "attachment"),
                ("text/plain; charset=utf-8", "text/plain; charset=utf-8", "inline"),
                ("", "application/octet-stream", "attachment"),
                (String(repeating: "x", count: 300), "application/octet-stream", "attachment"),
            ] {
                let media = try await alice.upload(Array("<script>".utf8), contentType: type)
                let answer = try await alice.file("GET", "/_matrix/client/v1/media/download/\(raw: media)")
                #expect(answer.header("Content-Type") == served)
                #expect(answer.header("Content-Disposition") == disposition)
            }
        }
    }

    @Test("HEAD tells what GET would send, a range is sent alone, and what a client has is not sent again")
    func partsOfFiles() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bytes = (0..<1000).map { UInt8($0 % 251) }
            let media = try await alice.upload(bytes)
            let path: MatrixPath = "/_matrix/client/v1/media/download/\(raw: media)"
            let head = try await alice.file("HEAD", path)
            #expect(head.status == 200)
            #expect(head.bytes.isEmpty)
            #expect(head.header("Content-Length") == "1000")
            #expect(head.header("Accept-Ranges") == "bytes")
            let part = try await alice.file("GET", path, headers: ["Range": "bytes=10-19"])
            #expect(part.status == 206)
            #expect(part.bytes == Array(bytes[10..<20]))
            #expect(part.header("Content-Range") == "bytes 10-19/1000")
            let nothing = try await alice.file("GET", path, headers: ["Range": "bytes=1000-"])
            #expect(nothing.status == 416)
            #expect(nothing.header("Content-Range") == "bytes */1000")
            let tag = try #require(head.header("ETag"))
            let known = try await alice.file("GET", path, headers: ["If-None-Match": tag])
            #expect(known.status == 304)
            #expect(known.bytes.isEmpty)
            let other = try await alice.file("GET", path, headers: ["Range": "bytes=0-1", "If-Range": "\"other\""])
            #expect(other.status == 200)
            #expect(other.bytes == bytes)
            #expect(try await alice.request("HEAD", "/createRoom").status == 405)
            #expect(try await alice.request("HEAD", "/account/whoami").status == 200)
        }
    }

    @Test("the same content lies on the disk once, however often and by whomever it is uploaded")
    func sameContent() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let bytes = Array("the same".utf8)
            let media = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<8 { group.addTask { try await (number % 2 == 0 ? alice : bob).upload(bytes) } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(media.count == 8)
            #expect(try hearth.mediaFiles().count == 1)
            for one in media {
                #expect(try await bob.file("GET", "/_matrix/client/v1/media/download/\(raw: one)").bytes == bytes)
            }
        }
    }

    @Test("without a token, and without the operator's word, nothing is served at the old paths; with it, files are")
    func oldPaths() async throws {
        for isAllowed in [false, true] {
            try await withHearth(settings: ["media.allow_unauthenticated": "\(isAllowed)"]) { hearth in
                let alice = try await hearth.client.register("alice")
                let media = try await alice.upload(TestImages.jpeg, contentType: "image/jpeg")
                for version in ["v3", "r0"] {
                    for (path, query) in [
                        ("download/\(media)", [:]), ("download/\(media)/x.jpg", [:]),
                        ("thumbnail/\(media)", ["width": "32", "height": "32"]),
                    ] {
                        let answer = try await hearth.client.file(
                            "GET", "/_matrix/media/\(raw: version)/\(raw: path)", query: query)
                        #expect(answer.status == (isAllowed ? 200 : 404), "\(path)")
                        #expect(answer.text.contains("M_NOT_FOUND") == !isAllowed)
                    }
                }
                #expect(try await alice.get("/_matrix/media/v3/config")["m.upload.size"] != nil)
                for path in ["download/\(media)", "thumbnail/\(media)", "config"] {
                    let answer = try await hearth.client.request("GET", "/_matrix/client/v1/media/\(raw: path)")
                    #expect(answer.status == 401)
                    #expect(answer.errorCode == "M_MISSING_TOKEN")
                }
            }
        }
    }

    @Test("content of other servers, unknown content and previews of links are not there")
    func notThere() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            for (path, status, code) in [
                ("download/example.org/abc", 404, "M_NOT_FOUND"), ("download/localhost/abc", 404, "M_NOT_FOUND"),
                ("thumbnail/example.org/abc?width=1&height=1", 404, "M_NOT_FOUND"), ("preview_url?url=x", 404, "M_UNRECOGNIZED"),
                ("download/localhost/..%2F..%2Fhearth.db", 400, "M_INVALID_PARAM"), ("download/a%20b/x", 400, "M_INVALID_PARAM"),
                ("thumbnail/localhost/abc", 400, "M_MISSING_PARAM"),
                ("thumbnail/localhost/abc?width=0&height=1", 400, "M_INVALID_PARAM"),
                ("thumbnail/localhost/abc?width=-1&height=1", 400, "M_INVALID_PARAM"),
                ("thumbnail/localhost/abc?width=1.5&height=1", 400, "M_INVALID_PARAM"),
                ("thumbnail/localhost/abc?width=1&height=1&method=stretch", 400, "M_INVALID_PARAM"),
                ("thumbnail/localhost/abc?width=1&height=1&animated=maybe", 400, "M_INVALID_PARAM"),
                ("thumbnail/localhost/abc?width=9223372036854775807&height=1", 404, "M_NOT_FOUND"),
                ("download/localhost/abc?timeout_ms=x", 400, "M_INVALID_PARAM"),
            ] {
                let answer = try await alice.request("GET", "/_matrix/client/v1/media/\(raw: path)")
                #expect(answer.status == status, "\(path)")
                #expect(answer.errorCode == code, "\(path)")
            }
        }
    }
}
