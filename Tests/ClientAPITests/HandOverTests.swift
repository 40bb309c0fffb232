import NIOCore
import NIOEmbedded
import Testing

@testable import ClientAPI

/// A writer that goes before it is finished ends the process of the tests.
@Suite("Connections that nobody takes up")
struct HandOverTests {
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private func activate(_ channel: EmbeddedChannel) throws {
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
    }

    private func wrap(_ channel: EmbeddedChannel) throws -> Connection {
        try channel.pipeline.syncOperations.addHandler(HandOverHandler())
        return try Connection(wrappingChannelSynchronously: channel)
    }

    @Test("one that is dropped before or after it is active ends when it is closed", arguments: [false, true])
    func dropped(afterActive: Bool) throws {
        let channel = EmbeddedChannel()
        var connection: Connection? = try wrap(channel)
        if afterActive { try activate(channel) }
        #expect(connection != nil)
        connection = nil
        if !afterActive { try activate(channel) }
        #expect(channel.isActive)
        _ = try channel.finish()
    }

    @Test("one that is closed before it is active ends too")
    func closedEarly() throws {
        let channel = EmbeddedChannel()
        _ = try wrap(channel)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test("what is behind learns once that a connection is active, when it is taken up", arguments: [false, true])
    func takenUp(early: Bool) throws {
        let channel = EmbeddedChannel()
        let counter = ActiveCounter()
        try channel.pipeline.syncOperations.addHandlers([HandOverHandler(), counter])
        if early { HandOverHandler.takenUp(channel) } else { try activate(channel) }
        #expect(counter.count == 0)
        if early { try activate(channel) } else { HandOverHandler.takenUp(channel) }
        #expect(counter.count == 1)
        HandOverHandler.takenUp(channel)
        #expect(counter.count == 1)
        _ = try channel.finish()
    }
}

private final class ActiveCounter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var count = 0

    func channelActive(context: ChannelHandlerContext) {
        count += 1
        context.fireChannelActive()
    }
}
