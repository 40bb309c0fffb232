import ClientAPI
import Foundation
import HearthServices
import Logging
import MatrixModel
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Lets command-line tools talk to the running server: a unix socket in the data directory, for the owner of the directory alone.
///
/// The cycle of a connection: one ``ControlCommand`` in, one ``ControlAnswer`` out, closed. Who does not send a whole line within two
/// seconds is cut off, so that nobody holds up a shutdown.
struct CommandSocket: Service, CustomStringConvertible {
    let path: String
    let accounts: AccountService
    let logger: Logger

    init(directory: String, accounts: AccountService, logger: Logger) {
        path = Self.path(in: directory)
        self.accounts = accounts
        self.logger = logger
    }

    var description: String { "CommandSocket" }

    static func path(in directory: String) -> String { directory + "/hearth.sock" }

    func run() async throws {
        guard let server = await bind() else {
            // The server is of use without it.
            return try await gracefulShutdown()
        }
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                do {
                    try await server.executeThenClose { connections in
                        for try await connection in connections { group.addTask { await answer(connection) } }
                    }
                } catch is CancellationError {
                    // The server took its whole time to stop.
                } catch {
                    logger.warning("the command socket closed", metadata: ["reason": "\(error)"])
                }
            }
        } onGracefulShutdown: {
            server.channel.close(promise: nil)
        }
        unlink(path)
    }

    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private func bind() async -> NIOAsyncChannel<Connection, Never>? {
        do {
            // The directory is its owner's alone (0700), so that nobody else connects before the mode is set.
            let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(HandOverHandler())
                        return try Connection(wrappingChannelSynchronously: channel)
                    }
                }
            chmod(path, 0o600)
            return server
        } catch {
            logger.warning(
                "there is no command socket: command-line tools cannot reach this server",
                metadata: ["path": "\(path)", "reason": "\(error)"])
            return nil
        }
    }

    private func answer(_ connection: Connection) async {
        HandOverHandler.takenUp(connection.channel)
        do {
            try await connection.executeThenClose { inbound, outbound in
                let deadline = connection.channel.eventLoop.scheduleTask(in: .seconds(2)) {
                    connection.channel.close(promise: nil)
                }
                let line = try await LineReader.line(from: inbound)
                deadline.cancel()
                guard let line else { return }
                let answer = await run(line)
                try await outbound.write(ByteBuffer(bytes: answer.json.bytes + [UInt8(ascii: "\n")]))
            }
        } catch {
            logger.debug("a command's connection broke", metadata: ["reason": "\(error)"])
        }
    }

    private func run(_ line: [UInt8]) async -> ControlAnswer {
        do {
            return .done(try await ControlCommand(line: line).run(with: accounts))
        } catch {
            return .failed("\(error)")
        }
    }
}
