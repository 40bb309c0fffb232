import MatrixModel
import Testing

@testable import RoomRules

/// One event of the vectors with the state that it is judged in.
struct EventVector: CustomTestStringConvertible {
    let version: RoomVersion
    let name: String
    let json: JSONObject
    let id: String
    let authEventsAllowed: Bool
    let allowed: Bool
    let rejected: Set<String>
    let state: [StateKey: SignedEvent]
    let known: [EventID: SignedEvent]
    let keys: [ServerName: SigningKey]

    var testDescription: String { "version \(version.rawValue): \(name)" }

    static func load() throws -> [EventVector] {
        let file = try VectorFile.read("events")
        var keys: [ServerName: SigningKey] = [:]
        for member in try file.object("seeds").members {
            guard let server = ServerName(member.key), let seed = member.value.stringValue.flatMap(Base64.decode) else {
                throw MalformedVector(what: member.key)
            }
            keys[server] = try SigningKey(server: server, version: "1", seed: seed)
        }
        return try file.array("rooms").flatMap { try cases(of: $0, keys: keys) }
    }

    private static func cases(of room: JSON, keys: [ServerName: SigningKey]) throws -> [EventVector] {
        let version = try room.version()
        var known: [EventID: SignedEvent] = [:]
        for member in try room.object("events").members {
            guard let json = member.value.objectValue else { throw MalformedVector(what: member.key) }
            let event = try SignedEvent(parsing: json, version: version)
            guard event.id.rawValue == member.key else { throw MalformedVector(what: "id of \(member.key)") }
            known[event.id] = event
        }
        let states = try room.object("states").members.reduce(into: [String: [StateKey: SignedEvent]]()) { states, member in
            for id in member.value.arrayValue ?? [] {
                guard let event = id.stringValue.flatMap({ EventID($0) }).flatMap({ known[$0] }), let key = event.stateIdentity
                else { throw MalformedVector(what: "state \(member.key)") }
                states[member.key, default: [:]][key] = event
            }
        }
        return try room.array("cases").map { row in
            EventVector(
                version: version, name: try row.string("name"), json: try row.object("event"), id: try row.string("id"),
                authEventsAllowed: try row.bool("auth_events_allowed"), allowed: try row.bool("allowed"),
                rejected: Set(row.objectValue?["rejected"]?.arrayValue?.compactMap(\.stringValue) ?? []),
                state: states[try row.string("state")] ?? [:], known: known, keys: keys)
        }
    }
}

@Suite("Events as a second implementation made and judged them")
struct EventVectorTests {
    static let vectors = Result { try EventVector.load() }

    @Test("id and content hash are the same", arguments: try vectors.get())
    func hashes(vector: EventVector) throws {
        let event = try SignedEvent(parsing: vector.json, version: vector.version)
        #expect(event.id.rawValue == vector.id)
        #expect(event.hasValidContentHash())
        #expect(event.json == vector.json)
        if vector.version == .v12 && event.type == .create { #expect(event.roomID.rawValue.dropFirst() == vector.id.dropFirst()) }
    }

    @Test("every signature is good, and bad for another key", arguments: try vectors.get())
    func signatures(vector: EventVector) throws {
        let event = try SignedEvent(parsing: vector.json, version: vector.version)
        let signers = try #require(vector.json["signatures"]?.objectValue)
        for name in signers.keys {
            let server = try #require(ServerName(name))
            let key = try #require(vector.keys[server])
            #expect(event.isSigned(by: server, keyID: "ed25519:1", publicKey: key.publicKey))
            #expect(event.redacted().isSigned(by: server, keyID: "ed25519:1", publicKey: key.publicKey))
            #expect(!event.isSigned(by: server, keyID: "ed25519:2", publicKey: key.publicKey))
            #expect(!event.isSigned(by: server, keyID: "ed25519:1", publicKey: TestRoom.key.publicKey))
        }
    }

    @Test("signed anew, the event is the same to the byte", arguments: try vectors.get())
    func signing(vector: EventVector) throws {
        let event = try SignedEvent(parsing: vector.json, version: vector.version)
        guard let signers = event.json["signatures"]?.objectValue, signers.count == 1,
            let key = signers.keys.first(where: { _ in true }).flatMap({ ServerName($0) }).flatMap({ vector.keys[$0] })
        else { return }
        let draft = DraftEvent(
            roomID: event.json["room_id"] == nil ? nil : event.roomID, type: event.type, stateKey: event.stateKey,
            sender: event.sender, content: event.content, originServerTS: event.originServerTS, depth: event.depth,
            prevEvents: event.prevEvents, authEvents: event.authEvents)
        let signed = try draft.signed(by: key, version: vector.version)
        #expect(signed.id == event.id)
        #expect(signed.roomID == event.roomID)
        #expect(signed.json.bytes == vector.json.bytes)
    }

    @Test("the authorisation rules decide the same", arguments: try vectors.get())
    func verdict(vector: EventVector) throws {
        let event = try SignedEvent(parsing: vector.json, version: vector.version)
        let named = event.authEvents.compactMap { vector.known[$0] }
        let refusedNames = violation { () throws(AuthRuleViolation) in
            try event.checkAuthEvents(named) { vector.rejected.contains($0.rawValue) }
        }
        #expect((refusedNames == nil) == vector.authEventsAllowed, "\(refusedNames?.description ?? "allowed")")
        let refused = violation { () throws(AuthRuleViolation) in _ = try event.authorized(against: vector.state) }
        #expect((refused == nil) == vector.allowed, "\(refused?.description ?? "allowed")")
    }

    @Test("the vectors hold at least 50 allowed and 50 denied events of both versions", arguments: RoomVersion.allCases)
    func coverage(version: RoomVersion) throws {
        let vectors = try Self.vectors.get().filter { $0.version == version }
        #expect(vectors.count { $0.allowed && $0.authEventsAllowed } >= 50)
        #expect(vectors.count { !$0.allowed } >= 50)
        #expect(vectors.count { !$0.authEventsAllowed } >= 5)
    }

    private func violation(_ body: () throws(AuthRuleViolation) -> Void) -> AuthRuleViolation? {
        do throws(AuthRuleViolation) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}
