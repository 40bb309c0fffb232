import HearthTestKit
import MatrixModel
import Synchronization

/// A request of the churn: a route with its parameters filled in, a query and a body as a client would send them.
struct ChurnRequest: Sendable {
    var route: ChurnRoute
    var target: String
    var body: [UInt8]?
    /// The value of each parameter in the path.
    var parameters: [String: String] = [:]
    /// The password of the user, or nothing, is what the server asks for before it does this.
    var needsPassword: Bool { route.operation != "POST register" }

    /// A request that is no route of a list.
    init(_ method: String, _ path: MatrixPath, _ body: JSON? = nil) {
        route = ChurnRoute(method: method, pattern: path.description)
        target = path.description
        self.body = body?.bytes
    }

    /// - Throws: ``ChurnError`` for a parameter or an operation that is not known here: say in this file or in `ChurnBodies` what a
    ///   client sends.
    init(_ route: ChurnRoute, of user: ChurnUser, in world: ChurnWorld, using random: inout SeededGenerator) throws {
        self.route = route
        var scene = ChurnScene(user: user, world: world, random: random, route: route)
        defer { random = scene.random }
        var path = ""
        for component in route.pattern.split(separator: "/") {
            if let name = ChurnRoute.parameter(component) {
                let value = try scene.value(of: name)
                parameters[name] = value
                path += "/" + BadRequestScene.percentEncoded(value)
            } else {
                path += "/" + component
            }
        }
        scene.parameters = parameters
        target = path + scene.query()
        body = try scene.body()
    }

    /// The request's bytes on the wire, for clients that no HTTP library would be.
    func bytes(of user: ChurnUser) -> [UInt8] {
        RawRequest(
            method: route.method, target: target,
            headers: [("Authorization", "Bearer \(user.token)"), ("X-Forwarded-For", user.address)], body: body ?? []
        ).bytes
    }
}

/// What one user fills into a request: something of their own, of a room they are in, or of somebody they know.
struct ChurnScene {
    let user: ChurnUser
    let world: ChurnWorld
    var random: SeededGenerator
    let route: ChurnRoute
    let operation: String
    let known: ChurnUser.Knowledge
    let room: String
    let other: String
    let number: Int
    var parameters: [String: String] = [:]

    init(user: ChurnUser, world: ChurnWorld, random: SeededGenerator, route: ChurnRoute) {
        self.user = user
        self.world = world
        self.random = random
        self.route = route
        operation = route.operation
        known = user.knowledge.withLock { $0 }
        room = Self.room(for: operation, of: known, in: world, using: &self.random)
        other = world.someone(using: &self.random).userID
        number = world.nextNumber()
    }

    /// A room in which the operation can do what it is for.
    private static func room(
        for operation: String, of known: ChurnUser.Knowledge, in world: ChurnWorld, using random: inout SeededGenerator
    ) -> String {
        if ChurnRoute.takesPower.contains(operation), let made = known.madeRooms.last { return made }
        if operation.contains("rooms/:roomID/account_data") || operation.contains("room_keys/keys/:roomID") { return world.lobby }
        if operation.contains(":eventID") || operation.hasSuffix("read_markers"), let room = known.events.keys.min() {
            return room
        }
        return known.rooms.randomElement(using: &random) ?? world.lobby
    }

    mutating func value(of parameter: String) throws -> String {
        switch parameter {
        case "roomID": operation.hasSuffix("unpeek") ? known.peeked.last ?? room : roomID()
        case "roomIDOrAlias":
            operation.contains("peek") ? "#\(other)" : world.publicRoom(using: &random)
        case "userID":
            operation == "GET presence/:userID/status" && !route.pattern.contains("unstable")
                || operation == "GET profile/:userID"
                ? other : user.userID
        case "eventID": known.events[room] ?? world.event(in: room) ?? "$none"
        case "transactionID": "t\(number)"
        case "deviceID": (operation.hasPrefix("DELETE") ? known.devices.last : known.devices.first)?.id ?? "NONE"
        case "type": "churn"
        case "eventType":
            operation.hasPrefix("PUT rooms/:roomID/state/:eventType")
                ? "churn.state" : operation.contains("state") ? "m.room.name" : "m.room.message"
        case "stateKey": operation.hasPrefix("PUT") ? user.userID : ""
        case "filterID": known.filter ?? "0"
        case "kind": "content"
        case "ruleID": "churn"
        case "roomAlias": operation.hasPrefix("PUT") ? "#churn\(number):localhost" : known.alias ?? "#lobby:localhost"
        case "serverName": "localhost"
        case "mediaID":
            operation.hasPrefix("PUT") ? known.awaitedMedia ?? "none" : known.media.randomElement(using: &random) ?? world.image
        case "fileName": "a file.png"
        case "keyName": "churn.field"
        case "tag": "u.churn"
        case "version": known.backup ?? "1"
        case "sessionID": "session"
        case "relType": "m.annotation"
        case "receiptType": number % 3 == 0 ? "m.read.private" : "m.read"
        default: throw ChurnError("there is a parameter of paths that the churn does not know: \(parameter) of \(operation)")
        }
    }

    /// Keepers' own rooms are nobody else's to change.
    private mutating func roomID() -> String {
        if operation.hasSuffix("forget"), let left = known.leftRoom { return left }
        if operation.hasSuffix("rooms/:roomID/join") { return world.publicRoom(using: &random) }
        // Who leaves the lobby is seen by nobody.
        if operation.hasSuffix("leave") || operation.hasSuffix("forget"), room == world.lobby {
            return world.publicRoom(using: &random)
        }
        return room
    }

    mutating func query() -> String {
        switch operation {
        case "GET sync": sync()
        case "GET register/available": "?username=free\(number)"
        case "GET register/m.login.registration_token/validity": "?token=none"
        case "GET keys/changes": known.since.map { "?from=\($0)&to=\($0)" } ?? "?from=s0&to=s0"
        case "GET rooms/:roomID/messages": "?dir=b&limit=\(1 << Int.random(in: 0...8, using: &random))"
        case let thumbnail where thumbnail.contains("thumbnail"): "?width=32&height=32&method=crop"
        case "GET notifications": "?limit=20"
        case let keys where keys.contains("room_keys/keys"): "?version=\(known.backup ?? "1")"
        case "POST media/upload": "?filename=churn.bin"
        case "DELETE presence/:userID/status": ""
        default: ""
        }
    }

    private mutating func sync() -> String {
        let said =
            user.isKeeper ? "offline" : ["online", "unavailable", "busy", "offline"].randomElement(using: &random) ?? "offline"
        let since = Int.random(in: 0..<10, using: &random) == 0 ? nil : known.since
        return "?timeout=0&set_presence=\(said)" + (since.map { "&since=\($0)" } ?? "")
    }
}
