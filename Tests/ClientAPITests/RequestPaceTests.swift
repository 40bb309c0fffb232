import HTTPTypes
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import ClientAPI

@Suite("Clients that do not send what they began")
struct RequestPaceTests {
    private static let login = HTTPRequest(
        method: .post, scheme: "http", authority: "x", path: "/_matrix/client/v3/login", headerFields: [:])
    private static let upload = HTTPRequest(
        method: .post, scheme: "http", authority: "x", path: "/_matrix/media/v3/upload", headerFields: [:])

    /// What reaches the rest of the pipeline as an error.
    private final class Errors: ChannelInboundHandler {
        typealias InboundIn = HTTPRequestPart
        private(set) var count = 0
        private(set) var ends = 0

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if case .end = unwrapInboundIn(data) { ends += 1 }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            if error is SenderTooSlow { count += 1 }
        }
    }

    private struct Scene {
        let channel = EmbeddedChannel()
        let errors = Errors()

        init(from address: String = "192.0.2.1") throws {
            let connections = OpenConnections(
                most: 10, mostOfAddress: 10, trustedProxies: [], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try channel.connect(to: SocketAddress(ipAddress: address, port: 4711)).wait()
            try channel.pipeline.syncOperations.addHandlers([RequestPaceHandler(connections: connections), errors])
        }

        /// One read from the socket, and the wish for another.
        func come(_ parts: [HTTPRequestPart]) throws {
            for part in parts { channel.pipeline.fireChannelRead(part) }
            channel.pipeline.fireChannelReadComplete()
            channel.pipeline.read()
        }

        func answer() throws {
            try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
            try channel.writeOutbound(HTTPResponsePart.end(nil))
        }

        func pass(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

        var isOpen: Bool { channel.isActive }
    }

    private func bytes(_ count: Int) -> HTTPRequestPart { .body(ByteBuffer(repeating: 32, count: count)) }

    @Test("a connection whose first head is not whole after 10 s is closed, whether bytes of it drip or not")
    func firstHead() throws {
        for drips in [false, true] {
            let scene = try Scene()
            for _ in 0..<9 {
                scene.pass(.seconds(1))
                if drips { try scene.come([]) }
            }
            #expect(scene.isOpen)
            scene.pass(.seconds(1))
            #expect(!scene.isOpen)
        }
    }

    @Test(
        "a proxy's connection may wait for its first request; from the first byte on it has 10 s",
        arguments: ["127.0.0.1", "::1"])
    func proxies(address: String) throws {
        let scene = try Scene(from: address)
        scene.pass(.seconds(119))
        #expect(scene.isOpen)
        try scene.come([])
        scene.pass(.seconds(9))
        #expect(scene.isOpen)
        scene.pass(.seconds(1))
        #expect(!scene.isOpen)
    }

    @Test("a body in crumbs breaks off, and nothing of it goes on; one in many good pieces, or in a thousand crumbs, does")
    func crumbs() throws {
        for (pieces, size, broken) in [(1_000, 1, 0), (1_100, 1, 1), (20_000, 15, 1), (20_000, 64, 0)] {
            let scene = try Scene()
            try scene.come([.head(Self.login)] + Array(repeating: bytes(size), count: pieces) + [.end(nil)])
            #expect(scene.errors.count == broken, "\(pieces) pieces of \(size) bytes")
            #expect(scene.errors.ends == 1 - broken)
            scene.pass(.seconds(1))
            #expect(scene.isOpen == (broken == 0))
        }
    }

    @Test("a file that came fast may not stop for long either: a minute is all that it is ahead")
    func credit() throws {
        let scene = try Scene()
        try scene.come([.head(Self.upload)])
        for _ in 0..<100 {
            scene.pass(.milliseconds(10))
            try scene.come([bytes(1_000_000)])
        }
        for _ in 0..<2 {
            scene.pass(.seconds(34))
            #expect(scene.errors.count == 0)
            try scene.come([bytes(1)])
        }
        scene.pass(.seconds(4))
        #expect(scene.errors.count == 1)
    }

    @Test("a connection that rests may do so, and from the first byte of the next head on it has 10 s again")
    func laterHead() throws {
        let scene = try Scene()
        try scene.come([.head(Self.login), .end(nil)])
        scene.pass(.seconds(60))
        #expect(scene.isOpen, "a request may take as long as it does")
        try scene.answer()
        scene.pass(.seconds(60))
        #expect(scene.isOpen)
        try scene.come([])
        scene.pass(.seconds(9))
        #expect(scene.isOpen)
        scene.pass(.seconds(1))
        #expect(!scene.isOpen)
    }

    @Test("a body that drips breaks off after the grace, and the connection ends soon after")
    func dripping() throws {
        let scene = try Scene()
        try scene.come([.head(Self.login)])
        for _ in 0..<9 {
            scene.pass(.seconds(1))
            try scene.come([bytes(1)])
        }
        #expect(scene.errors.count == 0)
        scene.pass(.seconds(2))
        #expect(scene.errors.count == 1)
        #expect(scene.isOpen, "what waits for the body has time to answer")
        scene.pass(.seconds(2))
        #expect(!scene.isOpen)
    }

    @Test("a body of JSON has 30 s in all, a file as long as it keeps its pace", arguments: [false, true])
    func pace(isFile: Bool) throws {
        let scene = try Scene()
        try scene.come([.head(isFile ? Self.upload : Self.login)])
        for _ in 0..<29 {
            scene.pass(.seconds(1))
            try scene.come([bytes(1100)])
        }
        #expect(scene.errors.count == 0)
        for _ in 0..<60 {
            scene.pass(.seconds(1))
            try scene.come([bytes(1100)])
        }
        #expect(scene.errors.count == (isFile ? 0 : 1))
        #expect(scene.isOpen == isFile)
        scene.pass(.seconds(20))
        #expect(scene.errors.count == 1, "a file that stops is a file that breaks off")
    }

    @Test("while the server does not read, nobody is too slow")
    func serverIsBusy() throws {
        let scene = try Scene()
        for part in [.head(Self.upload), bytes(1000)] { scene.channel.pipeline.fireChannelRead(part) }
        scene.channel.pipeline.fireChannelReadComplete()
        scene.pass(.minutes(10))
        #expect(scene.isOpen && scene.errors.count == 0)
        scene.channel.pipeline.read()
        scene.pass(.seconds(9))
        #expect(scene.errors.count == 0)
        scene.pass(.seconds(3))
        #expect(scene.errors.count == 1)
    }

    @Test("the rest of a body whose request is answered is hurried too, without another answer")
    func answered() throws {
        let scene = try Scene()
        try scene.come([.head(Self.login)])
        try scene.answer()
        scene.pass(.seconds(11))
        #expect(!scene.isOpen)
        #expect(scene.errors.count == 0)
    }
}
