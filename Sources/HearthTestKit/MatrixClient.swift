import AsyncHTTPClient
public import MatrixModel
import NIOCore
import NIOHTTP1

/// A small Matrix client over real HTTP: a value, logged in or not, that keeps no state between its requests.
///
/// Every method throws ``UnexpectedResponse`` when the answer has another status than the test expects.
public struct MatrixClient: Sendable {
    public struct Session: Sendable {
        public let userID: String
        public let deviceID: String
        public let accessToken: String
    }

    public struct HTTPHeader: Sendable {
        let name: String
        let value: String
    }

    /// Nil for a client that is not logged in.
    public let session: Session?
    /// What goes with every request, beside what it needs.
    let headers: [HTTPHeader]
    let baseURL: @Sendable () throws -> String

    /// Enough connections that a test can hold a thousand syncs open; never shut down, it ends with the process.
    static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, timeout: .init(connect: .seconds(10)))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1_024
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// A client of the server whose URL this returns, asked before each request, so that a restarted server may move.
    public init(session: Session? = nil, headers: [HTTPHeader] = [], baseURL: @escaping @Sendable () throws -> String) {
        self.session = session
        self.headers = headers
        self.baseURL = baseURL
    }

    /// The user's id; empty when not logged in.
    public var userID: String { session?.userID ?? "" }
    public var deviceID: String { session?.deviceID ?? "" }

    /// The same server's client with another session.
    func with(_ session: Session) -> MatrixClient { MatrixClient(session: session, headers: headers, baseURL: baseURL) }

    /// The same client at another address, for a server that believes it (`listen.trusted_proxies=127.0.0.1`).
    public func from(_ address: String) -> MatrixClient { sending("X-Forwarded-For", address) }

    /// The same client, by its `User-Agent`.
    public func calling(itself name: String) -> MatrixClient { sending("User-Agent", name) }

    private func sending(_ name: String, _ value: String) -> MatrixClient {
        let others = headers.filter { $0.name != name }
        return MatrixClient(session: session, headers: others + [HTTPHeader(name: name, value: value)], baseURL: baseURL)
    }

    // MARK: - Requests

    /// Sends a request and returns the answer whatever its status. An answer that is no JSON throws.
    public func request(
        _ method: String, _ path: MatrixPath, query: [String: String] = [:], body: JSON? = nil
    ) async throws -> MatrixResponse {
        try await request(method, path, query: query, rawBody: body?.bytes)
    }

    /// Sends a body as it is, fit for JSON or not.
    public func request(
        _ method: String, _ path: MatrixPath, query: [String: String] = [:], rawBody: [UInt8]?
    ) async throws -> MatrixResponse {
        let pairs = query.sorted { $0.key < $1.key }.map { "\($0.key.percentEncoded)=\($0.value.percentEncoded)" }
        let suffix = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
        var request = HTTPClientRequest(url: try baseURL() + path.description + suffix)
        request.method = HTTPMethod(rawValue: method)
        if let session { request.headers.add(name: "Authorization", value: "Bearer \(session.accessToken)") }
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        if let rawBody {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: rawBody))
        }
        let response = try await Self.http.execute(request, timeout: .seconds(120))
        let bytes = Array(try await response.body.collect(upTo: 64 * 1024 * 1024).readableBytesView)
        let headers = response.headers.map { (name: $0.name.lowercased(), value: $0.value) }
        let status = Int(response.status.code)
        try ExchangeRecorder.shared?.record(
            method: method, target: path.description + suffix, requestBody: rawBody ?? [], status: status, headers: headers,
            answerBody: bytes)
        if bytes.isEmpty { return MatrixResponse(status: status, json: .null, headers: headers) }
        do throws(JSONParseError) {
            let json = try JSON(parsing: bytes, options: JSONParseOptions(allowsAnyNumber: true, allowsNUL: true))
            return MatrixResponse(status: status, json: json, headers: headers)
        } catch {
            let text = String(decoding: bytes.prefix(400), as: UTF8.self)
            throw UnexpectedResponse("\(method) \(path): \(status) with a body that is no JSON (\(error)): \(text)")
        }
    }

    public func get(_ path: MatrixPath, query: [String: String] = [:], expecting status: Int = 200) async throws -> MatrixResponse
    {
        try await expect(status, "GET", path, query: query, body: nil)
    }

    @discardableResult
    public func put(_ path: MatrixPath, _ body: JSON = [:], expecting status: Int = 200) async throws -> MatrixResponse {
        try await expect(status, "PUT", path, query: [:], body: body)
    }

    @discardableResult
    public func post(_ path: MatrixPath, _ body: JSON = [:], expecting status: Int = 200) async throws -> MatrixResponse {
        try await expect(status, "POST", path, query: [:], body: body)
    }

    @discardableResult
    public func delete(_ path: MatrixPath, expecting status: Int = 200) async throws -> MatrixResponse {
        try await expect(status, "DELETE", path, query: [:], body: nil)
    }

    private func expect(
        _ status: Int, _ method: String, _ path: MatrixPath, query: [String: String], body: JSON?
    ) async throws -> MatrixResponse {
        let response = try await request(method, path, query: query, body: body)
        guard response.status == status else {
            throw UnexpectedResponse("\(method) \(path): expected \(status), got \(response.status): \(response.json.text)")
        }
        return response
    }
}
