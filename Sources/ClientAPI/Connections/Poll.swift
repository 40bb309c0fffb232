import HTTPTypes
import HearthServices
import MatrixModel
import NIOCore
import NIOHTTPTypes
import SubscriptionCore

/// A sync as its bytes came, by which the next one over the same connection is known again.
///
/// Clients poll: one request after the other differs in the value of `since` alone, and then nothing else of it need be read, neither
/// HTTP nor parameters, filter and access token. Whether the token is still valid is asked each time.
///
/// Belongs to the event loop of its connection.
final class Poll {
    /// The head with the `since` of the request that was read.
    let head: HTTPRequest
    /// The path without its query.
    let pattern: String
    let token: AccessTokenHash
    /// With the `since` of the request that was read.
    let request: SyncRequest
    /// What handlers behind the HTTP parser get of it: the head and the end.
    let parts: [NIOAny]

    /// Where the value of `since` stands in the path, in bytes.
    private let position: Range<Int>
    /// What stands before and behind the value of `since` in the whole request.
    private let before: ByteBuffer
    private let after: ByteBuffer

    /// - Parameter bytes: nil comes of those which are anything else but this request, whole, without a body; and of a query without
    ///   `since`, or in which it might be written another time, and in another way.
    init?(bytes: ByteBuffer, head: HTTPRequest, pattern: String, token: AccessTokenHash, request: SyncRequest) {
        let path = head.path ?? ""
        guard let position = Self.position(in: path, pattern: pattern), Self.is(bytes, oneRequestFor: path) else { return nil }
        let start = bytes.readerIndex + Self.method.utf8.count + position.lowerBound
        let end = start + position.count
        guard let before = bytes.getSlice(at: bytes.readerIndex, length: start - bytes.readerIndex),
            let after = bytes.getSlice(at: end, length: bytes.writerIndex - end)
        else { return nil }
        // Copies: a slice would hold what the socket was read into.
        self.before = ByteBuffer(bytes: before.readableBytesView)
        self.after = ByteBuffer(bytes: after.readableBytesView)
        self.position = position
        self.head = head
        self.pattern = pattern
        self.token = token
        self.request = request
        parts = [NIOAny(HTTPRequestPart.head(head)), NIOAny(HTTPRequestPart.end(nil))]
    }

    /// The position that the bytes ask to continue from, if they are this request but for that.
    func since(in bytes: ByteBuffer) -> ClientToken? {
        let length = bytes.readableBytes - before.readableBytes - after.readableBytes
        let start = bytes.readerIndex + before.readableBytes
        guard length > 0, bytes.getSlice(at: bytes.readerIndex, length: before.readableBytes) == before,
            bytes.getSlice(at: start + length, length: after.readableBytes) == after
        else { return nil }
        // A token has letters, digits, low lines and full stops alone: whatever could end the value is none.
        return bytes.getString(at: start, length: length).flatMap { ClientToken($0) }
    }

    /// The request, with another position to continue from.
    func request(since: SyncToken) -> SyncRequest {
        var request = request
        request.since = since
        return request
    }

    /// The path with its query, with another position to continue from.
    func path(since: ClientToken) -> String {
        let bytes = (head.path ?? "").utf8
        return String(decoding: bytes.prefix(position.lowerBound), as: UTF8.self) + since.description
            + String(decoding: bytes.dropFirst(position.upperBound), as: UTF8.self)
    }

    private static let method = "GET "

    /// Whether the bytes are one request for the path and nothing else: its head to the end, and none after it.
    private static func `is`(_ bytes: ByteBuffer, oneRequestFor path: String) -> Bool {
        let end = Array("\r\n\r\n".utf8)
        let view = bytes.readableBytesView
        guard view.starts(with: "\(method)\(path) HTTP/1.1\r\n".utf8), view.suffix(end.count).elementsEqual(end) else {
            return false
        }
        return view.firstRange(of: end)?.upperBound == view.endIndex
    }

    private static func position(in path: String, pattern: String) -> Range<Int>? {
        guard path.utf8.starts(with: (pattern + "?").utf8) else { return nil }
        var pairs = path.dropFirst(pattern.count + 1).split(separator: "&", omittingEmptySubsequences: false)
        let name = "since="
        guard let index = pairs.firstIndex(where: { $0.utf8.starts(with: name.utf8) }) else { return nil }
        let start = pattern.utf8.count + 1 + pairs[..<index].reduce(0) { $0 + $1.utf8.count + 1 } + name.utf8.count
        let position = start..<(start + pairs[index].utf8.count - name.utf8.count)
        pairs.remove(at: index)
        do throws(ClientFailure) {
            return try QueryParameters(pairs.joined(separator: "&"))["since"] == nil ? position : nil
        } catch {
            return nil
        }
    }
}
