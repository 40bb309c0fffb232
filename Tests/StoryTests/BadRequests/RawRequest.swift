/// One HTTP request, byte by byte as it is sent: nothing checks or escapes it.
struct RawRequest: Sendable {
    var method: String
    /// Path and query.
    var target: String
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    var bytes: [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if !body.isEmpty || method != "GET" { head += "Content-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + body
    }

    /// The request, short enough for a failure's text.
    var summary: String {
        let headers = headers.map { " \($0.name)=\($0.name == "Authorization" ? "..." : $0.value)" }.joined()
        let text = String(decoding: body.prefix(300), as: UTF8.self)
        return "\(method) \(target.prefix(300))\(headers) body(\(body.count)): \(text.debugDescription)"
    }
}

/// What came back.
struct RawAnswer: Sendable {
    let status: Int
    let body: [UInt8]
    let closesConnection: Bool
    /// Names and values in lower case.
    var headers: [String: String] = [:]
    /// Whether it may have one: the answer to HEAD has none.
    var hasBody = true
}
