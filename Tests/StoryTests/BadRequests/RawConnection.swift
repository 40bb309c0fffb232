import Foundation

/// One keep-alive connection for requests that no HTTP library would send. It blocks, so it wants a thread of its own.
struct RawConnection {
    private let url: String
    private var socket: RawSocket?
    private var received: [UInt8] = []
    private static let lineEnd: [UInt8] = [13, 10]

    init(to url: String) { self.url = url }

    /// Sends a request and reads its answer; opens the connection anew when the server closed it.
    mutating func exchange(_ request: RawRequest) throws -> RawAnswer {
        let isReused = socket != nil
        do {
            return try exchangeOnce(request)
        } catch {
            close()
            // A server may close an idle connection at any time; a new one that fails is a failure.
            guard isReused else { throw error }
            return try exchangeOnce(request)
        }
    }

    mutating func close() {
        socket?.close(withReset: false)
        socket = nil
        received = []
    }

    private mutating func exchangeOnce(_ request: RawRequest) throws -> RawAnswer {
        let socket = try socket ?? RawSocket(to: url)
        self.socket = socket
        do {
            try socket.send(request.bytes)
        } catch {
            // A server that refuses a body early closes while it is being sent; its answer is there all the same.
            if request.body.count < 65_536 { throw error }
        }
        let answer = try readAnswer(from: socket, isHead: request.method == "HEAD")
        if answer.closesConnection { close() }
        return answer
    }

    private mutating func readAnswer(from socket: RawSocket, isHead: Bool) throws -> RawAnswer {
        let separator: [UInt8] = [13, 10, 13, 10]
        while received.firstRange(of: separator) == nil { try readMore(from: socket) }
        guard let end = received.firstRange(of: separator) else { throw RawConnectionError("no head") }
        let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        received.removeSubrange(..<end.upperBound)
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, let status = Int(words[1]) else { throw RawConnectionError("no status in \(lines)") }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces).lowercased()
        }
        let closes = headers["connection"] == "close"
        if status == 204 || status == 304 || isHead {
            return RawAnswer(status: status, body: [], closesConnection: closes, headers: headers, hasBody: !isHead)
        }
        if headers["transfer-encoding"] == "chunked" {
            return RawAnswer(
                status: status, body: try readChunks(from: socket), closesConnection: closes, headers: headers)
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        return RawAnswer(
            status: status, body: try read(length, from: socket), closesConnection: closes, headers: headers)
    }

    private mutating func readChunks(from socket: RawSocket) throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            while received.firstRange(of: Self.lineEnd) == nil { try readMore(from: socket) }
            guard let end = received.firstRange(of: Self.lineEnd),
                let size = Int(String(decoding: received[..<end.lowerBound], as: UTF8.self), radix: 16)
            else { throw RawConnectionError("a chunk without a size") }
            received.removeSubrange(..<end.upperBound)
            body += try read(size, from: socket)
            _ = try read(2, from: socket)
            if size == 0 { return body }
        }
    }

    private mutating func read(_ count: Int, from socket: RawSocket) throws -> [UInt8] {
        while received.count < count { try readMore(from: socket) }
        defer { received.removeFirst(count) }
        return Array(received.prefix(count))
    }

    private mutating func readMore(from socket: RawSocket) throws {
        let bytes = try socket.receive()
        if bytes.isEmpty { throw RawConnectionError("the server closed the connection before its answer was whole") }
        received += bytes
    }
}

struct RawConnectionError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
