import NIOCore
import NIOPosix

/// All of the generator runs on one thread, that of one event loop: no locks, no hops between requests and answers, and one core for
/// the load at most.
@globalActor
actor BenchActor {
    static let shared = BenchActor()

    static let loop: any EventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1).any()

    nonisolated var unownedExecutor: UnownedSerialExecutor { Self.loop.executor.asUnownedSerialExecutor() }
}
