import HearthRuntime
import HearthServices
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import ClientAPI

struct ConnectionWatchTests {
    private final class Calls: Sendable {
        private let state = Mutex(0)
        var count: Int { state.withLock { $0 } }
        func call() { state.withLock { $0 += 1 } }
    }

    private func channel(_ watch: ConnectionWatch) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(watch.handler())
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
        return channel
    }

    @Test("a client that closes its side is told to who waits, once")
    func inputClosed() throws {
        let (watch, calls) = (ConnectionWatch(), Calls())
        let channel = try channel(watch)
        watch.connection(of: channel).onClose { calls.call() }
        #expect(calls.count == 0)
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(calls.count == 1)
        _ = try channel.finish(acceptAlreadyClosed: true)
        #expect(calls.count == 1)
    }

    @Test("a connection that ends is told to who waits, and is forgotten")
    func inactive() throws {
        let (watch, calls) = (ConnectionWatch(), Calls())
        let channel = try channel(watch)
        watch.connection(of: channel).onClose { calls.call() }
        #expect(watch.count == 1)
        _ = try channel.finish(acceptAlreadyClosed: true)
        #expect(calls.count == 1)
        #expect(watch.count == 0)
    }

    @Test("the requests of one connection wait one after the other, and nobody is called who has stopped waiting")
    func keepAlive() throws {
        let (watch, first, second) = (ConnectionWatch(), Calls(), Calls())
        let channel = try channel(watch)
        let connection = watch.connection(of: channel)
        connection.onClose { first.call() }
        connection.onClose(nil)
        connection.onClose { second.call() }
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(first.count == 0)
        #expect(second.count == 1)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test("who begins to wait when the client has gone is called at once")
    func late() throws {
        let (watch, calls) = (ConnectionWatch(), Calls())
        let channel = try channel(watch)
        let connection = watch.connection(of: channel)
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        connection.onClose { calls.call() }
        connection.onClose(nil)
        #expect(calls.count == 1)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test("other events of a channel are no end of it")
    func otherEvents() throws {
        let (watch, calls) = (ConnectionWatch(), Calls())
        let channel = try channel(watch)
        watch.connection(of: channel).onClose { calls.call() }
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.outputClosed)
        channel.pipeline.fireUserInboundEventTriggered("something")
        #expect(calls.count == 0)
        watch.connection(of: channel).onClose(nil)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }
}
