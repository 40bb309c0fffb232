import HearthTestKit
import MatrixModel
import Synchronization

/// Sends what users of the churn ask for, each from an address of their own, and learns from the answers what they may ask next.
struct ChurnClient: Sendable {
    private let hearth: HearthProcess
    var client: MatrixClient { hearth.client }

    init(_ hearth: HearthProcess) { self.hearth = hearth }

    var url: String { get throws { try hearth.baseURL } }

    /// Sends a request with the user's first token; says the password where the server asks for it, and logs in again where it forgot the user.
    func send(_ request: ChurnRequest, by user: ChurnUser) async throws -> FileResponse {
        if user.token.isEmpty, !["POST register", "POST login"].contains(request.route.operation) { try await logIn(user) }
        var answer = try await sendOnce(request, by: user)
        if answer.status == 401, let json = Self.json(answer), let session = json["session"]?.stringValue {
            var body = request.body.flatMap(Self.parse)?.objectValue ?? [:]
            body["auth"] =
                request.needsPassword
                ? password(of: user, session: session) : ["type": "m.login.dummy", "session": .string(session)]
            var again = request
            again.body = JSON.object(body).bytes
            answer = try await sendOnce(again, by: user)
        }
        if answer.status == 401, Self.json(answer)?["errcode"] == "M_UNKNOWN_TOKEN" { try await logIn(user) }
        if (200..<300).contains(answer.status) { learn(from: request, Self.json(answer) ?? .null, by: user) }
        return answer
    }

    private func password(of user: ChurnUser, session: String) -> JSON {
        [
            "type": "m.login.password", "session": .string(session),
            "identifier": ["type": "m.id.user", "user": .string(user.name)],
            "password": .string(ChurnUser.password),
        ]
    }

    private func sendOnce(_ request: ChurnRequest, by user: ChurnUser) async throws -> FileResponse {
        let token = user.token
        var headers = ["X-Forwarded-For": user.address]
        if !token.isEmpty { headers["Authorization"] = "Bearer \(token)" }
        return try await client.file(request.route.method, "\(raw: request.target)", headers: headers, body: request.body)
    }

    /// Sends a request that has to succeed once the server has time for it.
    @discardableResult
    func insist(_ request: ChurnRequest, by user: ChurnUser) async throws -> JSON {
        var tries = 0
        while true {
            let answer = try await send(request, by: user)
            if answer.status == 200 { return Self.json(answer) ?? .null }
            tries += 1
            // A server that stops says 503, and is gone at the next try.
            guard answer.status == 429 || answer.status == 503, tries < 200 else {
                throw ChurnError("\(request.route.method) \(request.target) by \(user.name): \(answer.status) \(answer.text)")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    func register(_ user: ChurnUser) async throws {
        let body: JSON = [
            "username": .string(user.name), "password": .string(ChurnUser.password), "auth": ["type": "m.login.dummy"],
        ]
        let answer = try await insist(ChurnRequest("POST", "/register", body), by: user)
        noteLogIn(answer, of: user)
    }

    func logIn(_ user: ChurnUser) async throws {
        user.knowledge.withLock { $0.devices = [] }
        let answer = try await sendOnce(ChurnRequest("POST", "/login", ChurnScene.login(as: user)), by: user)
        if answer.status == 200, let json = Self.json(answer) { noteLogIn(json, of: user) }
        if answer.status == 403 { user.knowledge.withLock { $0.isGone = true } }
    }

    private func noteLogIn(_ answer: JSON, of user: ChurnUser) {
        guard let device = answer["device_id"]?.stringValue, let token = answer["access_token"]?.stringValue else { return }
        user.knowledge.withLock { known in
            known.devices.append(ChurnUser.Device(id: device, token: token))
            if known.devices.count > 3 { known.devices.remove(at: 1) }
        }
    }

    func createRoom(of user: ChurnUser, named name: String, alias: String? = nil) async throws -> String {
        var body: JSONObject = ["preset": "public_chat", "name": .string(name)]
        body["room_alias_name"] = alias.map(JSON.string)
        let room = try await insist(ChurnRequest("POST", "/createRoom", .object(body)), by: user)["room_id"]?.stringValue ?? ""
        user.knowledge.withLock { $0.rooms.append(room) }
        return room
    }

    func join(_ room: String, by user: ChurnUser) async throws {
        try await insist(ChurnRequest("POST", "/join/\(room)", [:]), by: user)
        user.knowledge.withLock { if !$0.rooms.contains(room) { $0.rooms.append(room) } }
    }

    func upload(_ bytes: [UInt8], by user: ChurnUser) async throws -> String {
        var request = ChurnRequest("POST", "/_matrix/media/v3/upload")
        request.body = bytes
        return try await insist(request, by: user)["content_uri"]?.stringValue?.split(separator: "/").last.map { String($0) }
            ?? "none"
    }

    // MARK: What answers tell

    private func learn(from request: ChurnRequest, _ answer: JSON, by user: ChurnUser) {
        let parameters = request.parameters
        let userInBody = request.body.flatMap(Self.parse)?["user_id"]?.stringValue
        user.knowledge.withLock { known in
            switch request.route.operation {
            case "GET sync": known.since = answer["next_batch"]?.stringValue
            case "POST createRoom", "POST join/:roomIDOrAlias", "POST rooms/:roomID/join":
                guard let room = answer["room_id"]?.stringValue else { break }
                if !known.rooms.contains(room) { known.rooms.append(room) }
                if request.route.operation == "POST createRoom" { known.madeRooms.append(room) }
            case "POST rooms/:roomID/leave":
                known.rooms.removeAll { $0 == parameters["roomID"] }
                known.madeRooms.removeAll { $0 == parameters["roomID"] }
                if let room = parameters["roomID"] { (known.leftRoom, known.events[room]) = (room, nil) }
            case "POST rooms/:roomID/forget": known.leftRoom = nil
            case "POST rooms/:roomID/invite": known.guest = userInBody
            case "POST rooms/:roomID/kick": known.guest = nil
            case "POST rooms/:roomID/ban": (known.banned, known.guest) = (userInBody, nil)
            case "POST rooms/:roomID/unban": known.banned = nil
            case "POST rooms/:roomID/unpeek": known.peeked = []
            case "PUT media/upload/:serverName/:mediaID": known.awaitedMedia = nil
            case "DELETE directory/room/:roomAlias": known.alias = nil
            case "DELETE room_keys/version/:version":
                (known.backup, known.written) = (nil, known.written.subtracting(["session"]))
            case let deleted where deleted.hasPrefix("DELETE room_keys/keys"): known.written.remove("session")
            case let put where put.hasPrefix("PUT room_keys/keys/:roomID"):
                if parameters["roomID"] != nil { known.written.insert("session") }
            case "PUT pushrules/global/:kind/:ruleID": known.written.insert("rule")
            case "DELETE pushrules/global/:kind/:ruleID": known.written.remove("rule")
            case "PUT profile/:userID/:keyName": known.written.insert("field")
            case "DELETE profile/:userID/:keyName": known.written.remove("field")
            case "PUT user/:userID/account_data/:type": known.written.insert("data")
            case "PUT user/:userID/rooms/:roomID/account_data/:type":
                if parameters["roomID"] == known.rooms.first { known.written.insert("room data") }
            case "PUT rooms/:roomID/send/:eventType/:transactionID":
                if let room = parameters["roomID"], let event = answer["event_id"]?.stringValue { known.events[room] = event }
            case "POST peek/:roomIDOrAlias": if let room = answer["room_id"]?.stringValue { known.peeked = [room] }
            case "POST media/upload":
                if let media = answer["content_uri"]?.stringValue?.split(separator: "/").last { known.media = [String(media)] }
            case "POST media/create":
                known.awaitedMedia = answer["content_uri"]?.stringValue?.split(separator: "/").last.map { String($0) }
            case "POST user/:userID/filter": known.filter = answer["filter_id"]?.stringValue
            case "POST room_keys/version":
                known.backup = answer["version"]?.stringValue
                known.written.remove("session")
            case "PUT directory/room/:roomAlias": known.alias = parameters["roomAlias"]
            case "POST login":
                if let device = answer["device_id"]?.stringValue, let token = answer["access_token"]?.stringValue {
                    known.devices.append(ChurnUser.Device(id: device, token: token))
                    if known.devices.count > 3 { known.devices.remove(at: 1) }
                }
            case "DELETE devices/:deviceID", "POST delete_devices":
                known.devices = Array(known.devices.prefix(1))
            case "POST logout": known.devices = Array(known.devices.dropFirst())
            case "POST logout/all": known.devices = []
            case "POST account/deactivate": known.isGone = true
            default: break
            }
        }
    }

    static func json(_ answer: FileResponse) -> JSON? { parse(answer.bytes) }

    private static func parse(_ bytes: [UInt8]) -> JSON? {
        guard bytes.first == UInt8(ascii: "{") else { return nil }
        do throws(JSONParseError) {
            return try JSON(parsing: bytes, options: JSONParseOptions(allowsAnyNumber: true, allowsNUL: true))
        } catch {
            return nil
        }
    }
}
