import Foundation

/// The standard streams, line by line and unbuffered: what is printed is out when the call returns.
enum StandardStreams {
    static func print(_ line: String) { write(Array(line.utf8) + [UInt8(ascii: "\n")], to: STDOUT_FILENO) }

    static func print(_ line: [UInt8]) { write(line + [UInt8(ascii: "\n")], to: STDOUT_FILENO) }

    static func printError(_ line: String) { write(Array(line.utf8) + [UInt8(ascii: "\n")], to: STDERR_FILENO) }

    /// Writes all bytes; gives up silently when nobody reads them any more.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}
