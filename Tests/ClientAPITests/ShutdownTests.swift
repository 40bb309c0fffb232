import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import ClientAPI

@Suite("Connections when the server stops")
struct ShutdownTests {
    private func channel() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: ShutdownHandler())
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
        return channel
    }

    private func read(_ part: HTTPRequestPart, _ channel: EmbeddedChannel) throws { try channel.writeInbound(part) }

    private let head = HTTPRequestPart.head(HTTPRequest(method: .post, scheme: "http", authority: "x", path: "/upload"))

    private func stop(_ channel: EmbeddedChannel) {
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    @Test("nothing ends before the server stops, however long a client stalls")
    func serving() throws {
        let channel = try channel()
        try read(head, channel)
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(channel.isActive)
        _ = try channel.finish()
    }

    @Test("who stalls amid a request ends at once", arguments: [false, true])
    func stalledRequest(hasBegunBody: Bool) throws {
        let channel = try channel()
        try read(head, channel)
        if hasBegunBody { try read(.body(ByteBuffer(string: "half")), channel) }
        stop(channel)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(199))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
    }

    @Test("who stalls amid an answer ends at once")
    func stalledAnswer() throws {
        let channel = try channel()
        try read(head, channel)
        try read(.end(nil), channel)
        channel.write(ByteBuffer(repeating: 0, count: 100_000), promise: nil)
        stop(channel)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(200))
        #expect(!channel.isActive)
    }

    @Test("who goes on sending, or waits for the server, has a second")
    func underWay() throws {
        let (sends, waits) = (try channel(), try channel())
        try read(head, sends)
        try read(head, waits)
        try read(.end(nil), waits)
        stop(sends)
        stop(waits)
        for step in 1...9 {
            try read(.body(ByteBuffer(string: "more")), sends)
            sends.embeddedEventLoop.advanceTime(by: .milliseconds(100))
            waits.embeddedEventLoop.advanceTime(by: .milliseconds(100))
            #expect(sends.isActive && waits.isActive, "after \(step) tenths of a second")
        }
        sends.embeddedEventLoop.advanceTime(by: .milliseconds(100))
        waits.embeddedEventLoop.advanceTime(by: .milliseconds(100))
        #expect(!sends.isActive && !waits.isActive)
    }
}
