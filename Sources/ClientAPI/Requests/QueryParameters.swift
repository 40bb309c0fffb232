import HearthServices
import MatrixModel
import SubscriptionCore

/// The parameters of a query, decoded as forms encode them (a plus is a space).
///
/// Of a parameter that comes twice the first counts. Everything here throws 400: `M_INVALID_PARAM` for a value of the wrong kind,
/// `M_MISSING_PARAM` for a missing one.
package struct QueryParameters: Sendable {
    /// No endpoint knows a dozen.
    private static let most = 100

    private var values: [String: String] = [:]

    package init(_ query: String?) throws(ClientFailure) {
        let pairs = (query ?? "").utf8.split(separator: UInt8(ascii: "&"), maxSplits: Self.most)
        guard pairs.count <= Self.most else { throw .invalidParameter("A query has at most \(Self.most) parameters.") }
        for pair in pairs {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap({ PercentDecoding.decode($0, plusIsSpace: true) }),
                let value = PercentDecoding.decode(parts.dropFirst().first ?? Substring("").utf8, plusIsSpace: true)
            else { throw .invalidParameter("The query is not percent-encoded UTF-8.") }
            if values[name] == nil { values[name] = value }
        }
    }

    package subscript(name: String) -> String? { values[name] }

    func required(_ name: String) throws(ClientFailure) -> String {
        guard let value = values[name] else { throw .missingParameter(name) }
        return value
    }

    /// `true` or `false`; false where it is missing.
    func flag(_ name: String) throws(ClientFailure) -> Bool {
        switch values[name] {
        case nil, "false"?: return false
        case "true"?: return true
        default: throw .invalidParameter("\"\(name)\" is true or false.")
        }
    }

    /// A whole number, 0 or more.
    package func number(_ name: String) throws(ClientFailure) -> Int? {
        guard let text = values[name] else { return nil }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(text) else {
            throw .invalidParameter("\"\(name)\" is a number, 0 or more.")
        }
        return number
    }

    static let defaultLimit = 10
    static let highestLimit = 1000

    /// `limit`: 10 where it is missing, 1000 where it is higher.
    func limit() throws(ClientFailure) -> Int { min(try number("limit") ?? Self.defaultLimit, Self.highestLimit) }

    /// A stream token, of whatever history; a missing and an empty one are nil.
    func token(_ name: String) throws(ClientFailure) -> ClientToken? {
        guard let text = values[name], !text.isEmpty else { return nil }
        guard let token = ClientToken(text) else { throw .invalidParameter("\"\(name)\" is not a token of this server.") }
        return token
    }

    /// The point of a stream token; 400 for one of a lost history too.
    func point(_ name: String, in history: KnownHistory) throws(ClientFailure) -> SyncToken? {
        guard let token = try token(name) else { return nil }
        guard let point = history.point(of: token) else {
            throw .invalidParameter("\"\(name)\" is a token of events that this server has lost; sync anew.")
        }
        return point
    }

    func membership(_ name: String) throws(ClientFailure) -> Membership? {
        guard let text = values[name] else { return nil }
        guard let membership = Membership(rawValue: text) else {
            throw .invalidParameter("\"\(name)\" is join, invite, leave, ban or knock.")
        }
        return membership
    }

    /// `filter` as a filter of events, in JSON.
    func eventFilter() throws(ClientFailure) -> EventFilter {
        guard let text = values["filter"], !text.isEmpty else { return EventFilter() }
        let json = try JSONBody(parsing: text.utf8).json
        do throws(FilterError) {
            return try EventFilter(.object(json), at: "filter")
        } catch {
            throw .invalidParameter(error.description)
        }
    }
}
