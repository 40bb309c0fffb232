import MatrixModel
import NIOCore
import NIOPosix

/// Sends one command to the server that runs on a data directory.
enum CommandClient {
    /// Returns what to print.
    static func send(_ command: ControlCommand, to path: String) async throws -> String {
        let connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(inboundType: ByteBuffer.self, outboundType: ByteBuffer.self))
                    }
                }
        } catch {
            throw CommandFailure("a server uses the data directory, but does not answer at \(path); stop it or ask its operator")
        }
        let line = try await connection.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: command.json.bytes + [UInt8(ascii: "\n")]))
            return try await LineReader.line(from: inbound)
        }
        guard let line else { throw CommandFailure("the server closed the connection without an answer; see its log") }
        switch try ControlAnswer(line: line) {
        case .done(let userID): return userID
        case .failed(let sentence): throw CommandFailure(sentence)
        }
    }
}
