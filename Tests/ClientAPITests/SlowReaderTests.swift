import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import ClientAPI

@Suite("Clients that do not take their answer")
struct SlowReaderTests {
    private static let pace = ReaderPace(period: .seconds(60), amount: 60_000)

    private func channel() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: SlowReaderHandler(pace: Self.pace))
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
        return channel
    }

    private func write(_ count: Int, to channel: EmbeddedChannel) {
        channel.write(ByteBuffer(repeating: 0, count: count), promise: nil)
    }

    private func setWritable(_ isWritable: Bool, _ channel: EmbeddedChannel) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    @Test("who takes nothing for a period loses the connection, and not before")
    func nothing() throws {
        let channel = try channel()
        write(100_000, to: channel)
        setWritable(false, channel)
        channel.embeddedEventLoop.advanceTime(by: .seconds(59))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test("who takes enough in each period keeps it, until a period in which that ends")
    func slow() throws {
        let channel = try channel()
        write(100_000, to: channel)
        setWritable(false, channel)
        channel.flush()
        write(40_000, to: channel)
        channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        #expect(channel.isActive, "60,000 bytes were taken")
        channel.flush()
        write(39_999, to: channel)
        channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        #expect(!channel.isActive, "one byte was")
    }

    @Test("nobody is hurried while nothing waits to be taken")
    func writable() throws {
        let channel = try channel()
        write(100_000, to: channel)
        setWritable(false, channel)
        channel.embeddedEventLoop.advanceTime(by: .seconds(59))
        setWritable(true, channel)
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(channel.isActive)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test("over real sockets a client that reads gets everything, and one that stopped is cut off", arguments: [true, false])
    func sockets(reads: Bool) async throws {
        let size = 64 * 1024 * 1024
        let group = MultiThreadedEventLoopGroup.singleton
        let ended = group.next().makePromise(of: Void.self)
        let server = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.closeFuture.cascade(to: ended)
                return channel.eventLoop.makeCompletedFuture {
                    let pace = ReaderPace(period: .milliseconds(300), amount: 1)
                    try channel.pipeline.syncOperations.addHandlers(SlowReaderHandler(pace: pace), Sender(size: size))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let client = try await ClientBootstrap(group: group).channelOption(.autoRead, value: reads)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let counter = Counter(size: size, done: channel.eventLoop.makePromise())
                    try channel.pipeline.syncOperations.addHandler(counter)
                    return (channel: channel, isWhole: counter.done.futureResult)
                }
            }
        if !reads {
            try await ended.futureResult.get()
            try await client.channel.setOption(.autoRead, value: true).get()
        }
        #expect(try await client.isWhole.get() == reads)
        try await server.close()
    }
}

/// Sends so many bytes as soon as the connection is there.
private final class Sender: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let size: Int

    init(size: Int) { self.size = size }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(repeating: 0, count: size)), promise: nil)
        context.fireChannelActive()
    }
}

/// Says whether as many bytes came as there should, once they did or the connection ended.
private final class Counter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    let done: EventLoopPromise<Bool>
    private var left: Int

    init(size: Int, done: EventLoopPromise<Bool>) { (left, self.done) = (size, done) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        left -= unwrapInboundIn(data).readableBytes
        if left == 0 { finish(true, context: context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { finish(false, context: context) }
    func channelInactive(context: ChannelHandlerContext) { finish(false, context: context) }

    private func finish(_ isWhole: Bool, context: ChannelHandlerContext) {
        done.succeed(isWhole)
        context.close(promise: nil)
    }
}
