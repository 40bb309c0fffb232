import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import Board

@Suite("The board's files")
struct BoardTests {
    @Test("every file in Assets is served under its name, with the bytes that are there")
    func allFiles() async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Board/Assets")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(names) == Set(BoardAssets.all.map { $0.path == "/" ? "index.html" : String($0.path.dropFirst(7)) }))
        for name in names {
            let answer = try await get(name == "index.html" ? "/" : "/board/\(name)")
            #expect(answer.status == 200)
            #expect(answer.bytes == Array(try Data(contentsOf: folder.appending(path: name))), "\(name)")
        }
    }

    @Test("scripts import only scripts that are served")
    func imports() throws {
        let served = Set(BoardAssets.all.map(\.path))
        for asset in BoardAssets.all where asset.path.hasSuffix(".js") {
            for match in String(decoding: asset.bytes, as: UTF8.self).matches(of: /from "\.\/([a-z]+\.js)"/) {
                #expect(served.contains("/board/\(match.1)"), "\(asset.path) imports \(match.1)")
            }
        }
    }

    @Test("no script and no style names another server, and none takes markup")
    func noOutside() throws {
        for asset in BoardAssets.all where !asset.path.hasSuffix(".svg") {
            let code = String(decoding: asset.bytes, as: UTF8.self).split(separator: "\n").filter { !$0.contains("///") }
            for line in code {
                #expect(!line.contains("http://") && !line.contains("https://"), "\(asset.path): \(line)")
                for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "style=\"", " onclick="] {
                    #expect(!line.contains(word), "\(asset.path): \(line)")
                }
            }
        }
    }

    @Test("every answer carries the policy that lets nothing but the page's own files run")
    func policy() async throws {
        for path in ["/", "/board/board.js", "/board/board.css"] {
            let answer = try await get(path)
            let policy = try #require(answer.headers[.contentSecurityPolicy])
            for rule in [
                "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "connect-src 'self'",
                "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
            ] { #expect(policy.components(separatedBy: "; ").contains(rule)) }
            #expect(!policy.contains("unsafe"))
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
            #expect(answer.headers[try #require(HTTPField.Name("Referrer-Policy"))] == "no-referrer")
            #expect(answer.headers[.accessControlAllowOrigin] == nil)
        }
    }

    @Test("content types are what browsers want for modules, styles and pictures")
    func contentTypes() async throws {
        #expect(try await get("/").headers[.contentType] == "text/html; charset=utf-8")
        #expect(try await get("/board/board.js").headers[.contentType] == "text/javascript; charset=utf-8")
        #expect(try await get("/board/board.css").headers[.contentType] == "text/css; charset=utf-8")
        #expect(try await get("/board/icon.svg").headers[.contentType] == "image/svg+xml")
    }

    @Test("who holds a file already gets 304 and no bytes", arguments: ["%", "W/%", "\"x\", %", "*"])
    func held(header: String) async throws {
        let tag = try #require(try await get("/board/board.js").headers[.eTag])
        let ifNoneMatch = header.replacingOccurrences(of: "%", with: tag)
        let again = try await get("/board/board.js", headers: [.ifNoneMatch: ifNoneMatch])
        #expect(again.status == 304)
        #expect(again.bytes.isEmpty)
        #expect(again.headers[.eTag] == tag)
        #expect(try await get("/", headers: [.ifNoneMatch: tag]).status == 200, "another file's tag")
    }

    @Test("HEAD tells of a file without sending it")
    func head() async throws {
        let answer = try await get("/board/board.js", method: .head)
        #expect(answer.status == 200)
        #expect(answer.bytes.isEmpty)
        #expect(answer.headers[.contentLength] == String(try await get("/board/board.js").bytes.count))
    }

    @Test(
        "everything else goes to the API behind",
        arguments: ["/_matrix/client/versions", "/board", "/board/", "/board/none.js", "//"])
    func passed(path: String) async throws {
        #expect(try await get(path).status == 418)
        #expect(try await get("/", method: .post).status == 418)
    }

    @Test("switched off there is no page")
    func off() async throws {
        #expect(try await get("/", isEnabled: false).status == 418)
        #expect(try await get("/board/board.js", isEnabled: false).status == 418)
    }

    private func get(
        _ path: String, method: HTTPRequest.Method = .get, headers: HTTPFields = [:], isEnabled: Bool = true
    ) async throws -> Answer {
        let request = Request(
            head: HTTPRequest(method: method, scheme: "http", authority: "hearth.test", path: path, headerFields: headers),
            body: RequestBody(buffer: ByteBuffer()))
        let context = BasicRequestContext(
            source: ApplicationRequestContextSource(
                channel: NIOAsyncTestingChannel(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        let response = try await BoardResponder(before: Teapot(), isEnabled: isEnabled).respond(to: request, context: context)
        let collector = Collector()
        try await response.body.write(collector)
        return Answer(status: response.status.code, headers: response.headers, bytes: collector.bytes)
    }
}

private struct Answer {
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]
}

/// Stands where the API stands.
private struct Teapot: HTTPResponder {
    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        Response(status: HTTPResponse.Status(code: 418))
    }
}

private final class Collector: ResponseBodyWriter {
    nonisolated(unsafe) private(set) var bytes: [UInt8] = []

    func write(_ buffer: ByteBuffer) async throws { bytes += Array(buffer.readableBytesView) }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
