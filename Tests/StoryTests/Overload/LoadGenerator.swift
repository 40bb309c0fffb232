import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What became of the requests of one run. Times are in seconds.
struct LoadResult: Sendable {
    var accepted = 0
    var refused = 0
    /// Refusals that did not say when to come again.
    var rude = 0
    /// Answers of any other status, and connections that broke.
    var failed: [String] = []
    /// Requests that were due while no connection was free: what the generator could not ask for.
    var unsent = 0
    /// Of accepted requests, from sending to the last byte of the answer.
    var times: [Double] = []
    var seconds = 0.0

    var offered: Int { accepted + refused + failed.count + unsent }
    var acceptedPerSecond: Double { Double(accepted) / seconds }
    var refusedShare: Double { Double(refused) / Double(max(1, offered)) }

    func percentile(_ part: Double) -> Double {
        let sorted = times.sorted()
        return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }
}

/// Sends requests over many connections from one thread, at a rate of its own whatever the server does (an open loop).
///
/// Every connection has one request in flight at most and its own sequence of requests, so that what was acknowledged last is known.
final class LoadGenerator {
    /// The number-th request of a connection, as bytes.
    typealias Script = (_ connection: Int, _ number: Int) -> [UInt8]

    private struct Connection {
        var descriptor: Int32
        var number = 0
        var isBusy = false
        var sent = 0.0
        var received: [UInt8] = []
    }

    private var connections: [Connection] = []
    /// What is waited for, in the order of the connections; one that is idle has the descriptor -1.
    private var polled: [pollfd] = []
    private let script: Script
    private let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: 256 * 1024)
    /// Of each connection, the number of the last request that was acknowledged; nil when none was. Only those that write.
    private(set) var acknowledged: [Int?]
    private let writes: (Int) -> Bool

    /// - Parameter writes: whether the number-th request of a connection leaves its number behind.
    init(to url: String, connections count: Int, writes: @escaping (Int) -> Bool, script: @escaping Script) throws {
        self.script = script
        self.writes = writes
        acknowledged = Array(repeating: nil, count: count)
        for _ in 0..<count {
            connections.append(Connection(descriptor: try Self.connect(to: url)))
            polled.append(pollfd(fd: -1, events: Int16(POLLIN), revents: 0))
        }
    }

    deinit {
        for connection in connections where connection.descriptor >= 0 { close(connection.descriptor) }
        buffer.deallocate()
    }

    /// Keeps `width` requests in flight: what the server can take.
    func closedLoop(width: Int, for seconds: Double) -> LoadResult {
        run(for: seconds) { _, busy in max(0, width - busy) }
    }

    /// Sends `rate` requests a second.
    func openLoop(rate: Double, for seconds: Double) -> LoadResult {
        var begun = 0
        return run(for: seconds) { elapsed, _ in
            let due = Int(elapsed * rate) - begun
            begun += max(0, due)
            return max(0, due)
        }
    }

    /// - Parameter due: how many requests to send now, by the time since the beginning and the number in flight.
    private func run(for seconds: Double, due: (Double, Int) -> Int) -> LoadResult {
        var result = LoadResult()
        let begin = Self.now()
        var free = Array(connections.indices.filter { !connections[$0].isBusy && connections[$0].descriptor >= 0 }.reversed())
        var busy = 0
        while true {
            let elapsed = Self.now() - begin
            let isOver = elapsed >= seconds
            if isOver && (busy == 0 || elapsed > seconds + 30) { break }
            if !isOver {
                for _ in 0..<due(elapsed, busy) {
                    guard let index = free.popLast() else {
                        result.unsent += 1
                        continue
                    }
                    if send(index, &result) { busy += 1 }
                }
            }
            for index in ready() {
                guard receive(index, &result) else { continue }
                busy -= 1
                if connections[index].descriptor >= 0 { free.append(index) }
            }
        }
        for index in connections.indices where connections[index].isBusy { fail(index, "no answer within 30 s", &result) }
        result.seconds = seconds
        return result
    }

    /// The connections from which something can be read, waiting a millisecond at most.
    private func ready() -> [Int] {
        polled.withUnsafeMutableBufferPointer { polled in
            var left = systemPoll(polled.baseAddress, polled.count)
            var found: [Int] = []
            var index = 0
            while left > 0, index < polled.count {
                if polled[index].revents != 0 {
                    found.append(index)
                    left -= 1
                }
                index += 1
            }
            return found
        }
    }

    private func send(_ index: Int, _ result: inout LoadResult) -> Bool {
        let bytes = script(index, connections[index].number)
        connections[index].sent = Self.now()
        connections[index].isBusy = true
        polled[index].fd = connections[index].descriptor
        guard write(connections[index].descriptor, bytes, bytes.count) == bytes.count else {
            fail(index, "write: \(String(cString: strerror(errno)))", &result)
            return false
        }
        return true
    }

    /// Takes what has come; true when that was the end of the answer.
    private func receive(_ index: Int, _ result: inout LoadResult) -> Bool {
        let count = read(connections[index].descriptor, buffer, 256 * 1024 - 1)
        guard count > 0 else {
            fail(index, "the connection ended", &result)
            return true
        }
        var length = count
        if !connections[index].received.isEmpty {
            // Seldom: an answer that comes in parts.
            connections[index].received += UnsafeRawBufferPointer(start: buffer, count: count)
            length = min(connections[index].received.count, 256 * 1024 - 1)
            connections[index].received.withUnsafeBytes {
                buffer.update(from: $0.bindMemory(to: CChar.self).baseAddress!, count: length)
            }
        }
        buffer[length] = 0
        guard isWhole(length) else {
            if connections[index].received.isEmpty {
                connections[index].received = Array(UnsafeRawBufferPointer(start: buffer, count: count))
            }
            return false
        }
        connections[index].received.removeAll()
        connections[index].isBusy = false
        polled[index].fd = -1
        let now = Self.now()
        let number = connections[index].number
        connections[index].number += 1
        switch atoi(buffer + 9) {
        case 200:
            result.accepted += 1
            result.times.append(now - connections[index].sent)
            if writes(number) { acknowledged[index] = number }
        case 429:
            result.refused += 1
            if strstr(buffer, "retry_after_ms") == nil || header("Retry-After:", "retry-after:") == nil { result.rude += 1 }
        case let status: result.failed.append("status \(status): \(String(cString: buffer).suffix(200))")
        }
        return true
    }

    private func isWhole(_ length: Int) -> Bool {
        guard let end = strstr(buffer, "\r\n\r\n"), let field = header("Content-Length:", "content-length:") else { return false }
        return length >= end - buffer + 4 + Int(atoi(field + 15))
    }

    /// Where a header stands whose name may be written in two ways.
    private func header(_ name: String, _ other: String) -> UnsafeMutablePointer<CChar>? {
        strstr(buffer, name) ?? strstr(buffer, other)
    }

    private func fail(_ index: Int, _ reason: String, _ result: inout LoadResult) {
        result.failed.append(reason)
        connections[index].isBusy = false
        polled[index].fd = -1
        close(connections[index].descriptor)
        connections[index].descriptor = -1
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func connect(to url: String) throws -> Int32 {
        guard let port = url.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw RawSocket.Failure("no port in \(url)")
        }
        return try RawSocket.connect(to: port)
    }
}

/// `poll(2)` for a millisecond, under a name that does not hide behind the method called so.
private func systemPoll(_ descriptors: UnsafeMutablePointer<pollfd>?, _ count: Int) -> Int32 {
    poll(descriptors, nfds_t(count), 1)
}

/// Runs what blocks on a thread of its own.
func onThread<Value>(_ body: @escaping () -> sending Value) async -> sending Value {
    await withCheckedContinuation { continuation in
        nonisolated(unsafe) let body = body
        let thread = Thread { continuation.resume(returning: body()) }
        thread.start()
    }
}
