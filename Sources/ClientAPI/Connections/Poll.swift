import HearthServices
import MatrixModel
import SubscriptionCore

/// A sync as it was read, by which the next one over the same connection is known again.
///
/// Clients poll: one request after the other differs in the value of `since` alone, and then nothing else of it need be read, neither
/// parameters nor filter nor access token. Whether the token is still valid is asked each time.
final class Poll: Sendable {
    /// The path without its query.
    let pattern: String
    let token: AccessTokenHash
    /// With the `since` of the request that was read.
    let request: SyncRequest

    private let authorization: String?
    /// What stands before and behind the value of `since`.
    private let before: String
    private let after: String

    /// - Parameters:
    ///   - query: with a `since` in it; nil comes of one in which it might be written another time, and in another way.
    ///   - authorization: the header, if any.
    init?(pattern: String, query: Substring, authorization: String?, token: AccessTokenHash, request: SyncRequest) {
        var pairs = query.split(separator: "&", omittingEmptySubsequences: false)
        guard let index = pairs.firstIndex(where: { $0.utf8.starts(with: "since=".utf8) }) else { return nil }
        before = pattern + "?" + pairs[..<index].map { $0 + "&" }.joined() + "since="
        after = pairs[(index + 1)...].map { "&" + $0 }.joined()
        pairs.remove(at: index)
        do throws(ClientFailure) {
            if try QueryParameters(pairs.joined(separator: "&"))["since"] != nil { return nil }
        } catch {
            return nil
        }
        self.pattern = pattern
        self.authorization = authorization
        self.token = token
        self.request = request
    }

    /// The request, if it is this one but for the position that it continues from.
    func repeated(by path: String, authorization: String?) -> SyncRequest? {
        let bytes = path.utf8
        guard let start = bytes.index(bytes.startIndex, offsetBy: before.utf8.count, limitedBy: bytes.endIndex) else {
            return nil
        }
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "&")) ?? bytes.endIndex
        guard path[..<start].hasSameBytes(as: before), path[end...].hasSameBytes(as: after),
            isSame(authorization, self.authorization), let since = SyncToken(String(path[start..<end]))
        else { return nil }
        var request = request
        request.since = since
        return request
    }

    private func isSame(_ one: String?, _ other: String?) -> Bool {
        guard let one, let other else { return one == nil && other == nil }
        return one.hasSameBytes(as: other)
    }
}
