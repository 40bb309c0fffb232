import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A plain connection to a server on this machine, for clients that behave worse than an HTTP library lets them.
final class RawSocket: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ what: String) { description = "\(what): \(String(cString: strerror(errno)))" }
    }

    private let descriptor: Int32

    /// - Parameters:
    ///   - url: such as `http://127.0.0.1:40123`.
    ///   - address: where the client is; all of 127.0.0.0/8 is this machine.
    init(to url: String, from address: String? = nil) throws {
        guard let port = url.split(separator: ":").last.flatMap({ UInt16($0) }) else { throw Failure("no port in \(url)") }
        descriptor = try Self.connect(to: port, from: address)
    }

    /// A connected socket, for whoever closes it. No child gets it: a server that is started meanwhile would keep it open.
    static func connect(to port: UInt16, from source: String? = nil) throws -> Int32 {
        #if canImport(Darwin)
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        #else
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        #endif
        guard descriptor >= 0 else { throw Failure("socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        if let source {
            address.sin_addr.s_addr = inet_addr(source)
            let status = withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bindDescriptor(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard status == 0 else { throw Failure("bind") }
        }
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connectDescriptor(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure("connect") }
        return descriptor
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { writeWithoutSignal(descriptor, $0) }
            guard count > 0 else { throw Failure("write") }
            rest = rest.dropFirst(count)
        }
    }

    /// The bytes that come next; none when the other side has closed. Waits 60 seconds at most.
    func receive() throws -> [UInt8] {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, 60_000) > 0 else { throw Failure("nothing came") }
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
        }
        return bytes
    }

    /// Whether the server has closed the connection, or has something to say.
    var hasNews: Bool {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&ready, 1, 0) > 0
    }

    /// All that comes until the server closes; a connection that it resets ends there too.
    func receiveAll() throws -> String {
        var bytes: [UInt8] = []
        while true {
            let more = try receive()
            if more.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += more
        }
    }

    /// Ends the connection in order, or with a reset as when a machine loses its network.
    func close(withReset: Bool) {
        if withReset {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        }
        closeDescriptor(descriptor)
    }
}

/// `close(2)` under a name that does not hide behind the methods called so.
private func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }

/// Writing to a connection that the other side has closed is an error here, not a signal that ends the process.
private func writeWithoutSignal(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Darwin)
        write(descriptor, bytes.baseAddress, bytes.count)
    #else
        Int(send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)))
    #endif
}

/// `connect(2)` under a name that does not hide behind the methods called so.
private func connectDescriptor(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(descriptor, address, length)
}

/// `bind(2)` under a name that does not hide behind the methods called so.
private func bindDescriptor(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    bind(descriptor, address, length)
}
