import Foundation

/// The standard streams, line by line and unbuffered: what is printed is out when the call returns.
enum StandardStreams {
    /// False when nobody reads any more.
    @discardableResult
    static func print(_ line: String) -> Bool { write(Array(line.utf8) + [UInt8(ascii: "\n")], to: STDOUT_FILENO) }

    @discardableResult
    static func print(_ line: [UInt8]) -> Bool { write(line + [UInt8(ascii: "\n")], to: STDOUT_FILENO) }

    /// Writes text that is no line.
    @discardableResult
    static func put(_ text: String) -> Bool { write(Array(text.utf8), to: STDOUT_FILENO) }

    static func putError(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

    static func printError(_ line: String) { write(Array(line.utf8) + [UInt8(ascii: "\n")], to: STDERR_FILENO) }

    /// Writes all bytes; gives up and returns false when nobody reads them any more.
    @discardableResult
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }
}
