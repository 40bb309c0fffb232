import Foundation
import NIOCore

/// A device of a user that is logged in, with a connection of its own.
@BenchActor
final class BenchUser {
    let userID: String
    let token: String
    let connection: HTTPConnection
    var since: String?
    /// The filter of the last sync.
    private var filter: (text: String, escaped: String)?

    init(userID: String, token: String, connection: HTTPConnection) {
        self.userID = userID
        self.token = token
        self.connection = connection
    }

    /// The password of all users whom hearth-seed makes.
    static let seedPassword = "bench seed"
    private static let client = "/_matrix/client/v3"

    // MARK: Accounts

    static func register(_ name: String, on server: Homeserver, connection number: Int) async throws -> BenchUser {
        let connection = try server.connect(number)
        let body = #"{"username":"\#(name)","password":"bench \#(name)","auth":{"type":"m.login.dummy"}}"#
        return try await opened(connection, "POST", "\(client)/register", body)
    }

    /// Another device of a user that ``register(_:on:connection:)`` made.
    static func logIn(
        _ name: String, password: String? = nil, on server: Homeserver, connection number: Int
    ) async throws -> BenchUser {
        let connection = try server.connect(number)
        let identifier = #"{"type":"m.id.user","user":"\#(name)"}"#
        let body = #"{"type":"m.login.password","identifier":\#(identifier),"password":"\#(password ?? "bench \(name)")"}"#
        return try await opened(connection, "POST", "\(client)/login", body)
    }

    private static func opened(
        _ connection: HTTPConnection, _ method: String, _ target: String, _ body: String
    ) async throws -> BenchUser {
        let answer = try await connection.request(method, target, body: body)
        guard answer.status == 200 else { throw BenchError("\(target): \(answer.status) \(answer.text.prefix(200))") }
        guard let user = answer.string("user_id"), let token = answer.string("access_token") else {
            throw BenchError("\(target) gave no token")
        }
        return BenchUser(userID: user, token: token, connection: connection)
    }

    /// The same device on a connection of its own: a second client.
    func twin(on server: Homeserver, connection number: Int) throws -> BenchUser {
        BenchUser(userID: userID, token: token, connection: try server.connect(number))
    }

    // MARK: Requests

    @discardableResult
    func request(_ method: String, _ path: String, _ body: String? = nil) async throws -> HTTPAnswer {
        let target = path.hasPrefix("/_matrix") ? path : Self.client + path
        let answer = try await connection.request(method, target, token: token, body: body)
        guard answer.status == 200 else { throw BenchError("\(method) \(path): \(answer.status) \(answer.text.prefix(200))") }
        return answer
    }

    func putPresence(_ presence: String) async throws {
        try await request("PUT", "/presence/\(userID.escaped)/status", #"{"presence":"\#(presence)"}"#)
    }

    /// Ignores so many users whom nobody knows.
    func ignore(_ count: Int) async throws {
        let server = userID.drop { $0 != ":" }
        let entries = (0..<count).map { #""@ignored-\#($0)\#(server)":{}"# }.joined(separator: ",")
        try await request(
            "PUT", "/user/\(userID.escaped)/account_data/m.ignored_user_list", #"{"ignored_users":{\#(entries)}}"#)
    }

    /// One sync from where the last one ended. `set_presence=offline` says nothing of this device.
    @discardableResult
    func sync(
        timeout: Int = 0, claim: String? = "offline", filter: String? = nil, stateAfter: Bool = false
    ) async throws -> HTTPAnswer {
        var query = "timeout=\(timeout)"
        if stateAfter { query += "&use_state_after=true" }
        if let since { query += "&since=\(since)" }
        if let claim { query += "&set_presence=\(claim)" }
        if let filter {
            if filter != self.filter?.text { self.filter = (filter, filter.escaped) }
            query += "&filter=\(self.filter?.escaped ?? "")"
        }
        let answer = try await request("GET", "/sync?\(query)")
        guard let next = answer.string("next_batch") else { throw BenchError("a sync without next_batch") }
        since = next
        return answer
    }

    func createRoom(_ body: String = #"{"preset":"public_chat"}"#) async throws -> String {
        guard let room = try await request("POST", "/createRoom", body).string("room_id") else { throw BenchError("no room id") }
        return room
    }

    func join(_ room: String) async throws { try await request("POST", "/join/\(room.escaped)", "{}") }

    /// Peeks into people's profile rooms; returns the rooms by user.
    @discardableResult
    func peek(_ users: [String]) async throws -> [String: String] {
        let list = users.map { "\"\($0)\"" }.joined(separator: ",")
        let answer = try await request(
            "POST", "/_matrix/client/unstable/io.hearth/peek_profiles", #"{"user_ids":[\#(list)]}"#)
        guard let peeks = try answer.json()["peeks"] as? [String: [String: Any]], peeks.count == Set(users).count else {
            throw BenchError("peek_profiles: \(answer.text.prefix(300))")
        }
        return peeks.compactMapValues { $0["room_id"] as? String }
    }
}

extension String {
    /// Percent-encoded for a segment of a path or a value of a query.
    var escaped: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count * 2)
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
}

extension HTTPAnswer {
    /// The value of the first member of this name that is a string.
    func string(_ name: String) -> String? { body.string(name) }

    /// Whether these bytes occur anywhere.
    func contains(_ bytes: [UInt8]) -> Bool { body.contains(bytes) }

    func json() throws -> [String: Any] {
        guard let object = try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any] else {
            throw BenchError("no JSON object: \(text.prefix(100))")
        }
        return object
    }
}
