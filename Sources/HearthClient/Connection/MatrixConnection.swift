import AsyncHTTPClient
public import MatrixModel
import NIOCore
import NIOHTTP1
import NIOPosix

/// One server, and who one is there: a value that sends requests and keeps nothing between them.
public struct MatrixConnection: Sendable {
    public let url: ServerURL
    /// Secret. Nil while not logged in.
    public let token: String?

    /// Bytes of an answer; more is an error.
    static let largestAnswer = 64 * 1024 * 1024

    public init(url: ServerURL, token: String? = nil) {
        self.url = url
        self.token = token
    }

    /// Ends with the process. Redirects are not followed: a token goes to the server that it was made for and to no other.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, timeout: .init(connect: .seconds(10)))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.decompression = .disabled
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Sends a request and returns the body of a 2xx answer.
    ///
    /// - Parameter timeout: for the whole of it, held answers included.
    /// - Throws: ``ConnectionError``, or `CancellationError`.
    @discardableResult
    public func send(
        _ method: String, _ path: APIPath, query: [(String, String)] = [], body: JSONObject? = nil,
        timeout: Duration = .seconds(30)
    ) async throws -> JSON {
        let pairs = query.map { "\(PercentEncoding.encoded($0))=\(PercentEncoding.encoded($1))" }
        var request = HTTPClientRequest(
            url: url.description + path.description + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")))
        request.method = HTTPMethod(rawValue: method)
        request.headers.add(name: "User-Agent", value: "hearth")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.bytes))
        }
        let status: Int
        let bytes: [UInt8]
        do {
            let response = try await Self.http.execute(request, timeout: .milliseconds(timeout.wholeMilliseconds))
            status = Int(response.status.code)
            bytes = Array(try await response.body.collect(upTo: Self.largestAnswer).readableBytesView)
        } catch {
            try Task.checkCancellation()
            throw ConnectionError.unreachable(url, reason: Self.reason(error))
        }
        return try Self.answer(status: status, bytes: bytes, from: url)
    }

    static func answer(status: Int, bytes: [UInt8], from url: ServerURL) throws(ConnectionError) -> JSON {
        let json: JSON
        do throws(JSONParseError) {
            json = try JSON(parsing: bytes, options: JSONParseOptions(allowsAnyNumber: true, allowsNUL: true))
        } catch {
            if (500...599).contains(status) { throw .unreachable(url, reason: "the answer was \(status)") }
            throw .noMatrix(url, status: status)
        }
        guard !(200...299).contains(status) else { return json }
        guard let code = json.objectValue?["errcode"]?.stringValue else { throw .noMatrix(url, status: status) }
        let wait = json.objectValue?["retry_after_ms"]?.integerValue.map { Duration.milliseconds($0) }
        throw .refused(
            status: status, code: code, sentence: SafeText.neutralised(json.objectValue?["error"]?.stringValue ?? code),
            retryAfter: wait)
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where [.connectTimeout, .deadlineExceeded, .readTimeout].contains(error):
            "there was no answer in time"
        case let error as HTTPClientError where error == .remoteConnectionClosed: "the connection broke"
        case let error as NIOConnectionError where error.dnsAError != nil && error.connectionErrors.isEmpty:
            "the name is unknown"
        case is NIOConnectionError: "nobody takes the connection"
        case let error as IOError:
            error.errnoCode == ConnectionRefused.code ? "nobody takes the connection" : "the connection broke"
        default: SafeText.neutralised("\(error)")
        }
    }
}

/// Why a request was not answered as it should be.
public enum ConnectionError: Error, Equatable, CustomStringConvertible {
    /// Nobody answers; it may work later.
    case unreachable(ServerURL, reason: String)
    /// Somebody answers, but not in Matrix.
    case noMatrix(ServerURL, status: Int)
    /// A Matrix error.
    case refused(status: Int, code: String, sentence: String, retryAfter: Duration?)

    /// Whether the same request may well succeed later.
    public var isPassing: Bool {
        switch self {
        case .unreachable: true
        case .noMatrix(_, let status): (500...599).contains(status)
        case .refused(let status, _, _, _): status == 429 || (500...599).contains(status)
        }
    }

    public var code: String? {
        if case .refused(_, let code, _, _) = self { code } else { nil }
    }

    public var description: String {
        switch self {
        case .unreachable(let url, let reason): "\(url) cannot be reached: \(reason)"
        case .noMatrix(let url, let status): "\(url) does not answer like a Matrix server (HTTP \(status))"
        case .refused(_, "M_UNKNOWN_TOKEN", _, _): "the login is over; log in again with `hearth login`"
        case .refused(_, let code, let sentence, _): "\(sentence) (\(code))"
        }
    }
}
