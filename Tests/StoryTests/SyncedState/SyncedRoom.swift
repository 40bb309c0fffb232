import HearthTestKit
import MatrixModel
import Testing

/// A client that keeps one room's state from what `/sync` tells, as the spec says: the state, and then the timeline where it did not ask for
/// the state after it.
struct SyncedRoom {
    /// How the state is asked for, and under which name it comes.
    enum Form: CaseIterable {
        case before, after, afterUnstable

        var key: String {
            switch self {
            case .before: "state"
            case .after: "state_after"
            case .afterUnstable: "org.matrix.msc4222.state_after"
            }
        }

        var query: [String: String] {
            switch self {
            case .before: [:]
            case .after: ["use_state_after": "true"]
            case .afterUnstable: ["org.matrix.msc4222.use_state_after": "true"]
            }
        }
    }

    let client: MatrixClient
    let room: String
    let form: Form
    var filter: JSON?
    private(set) var since: String?
    /// The events by type and state key.
    private(set) var state: [String: JSON] = [:]
    /// Where the room stood in the last answer, and what it held there.
    private(set) var sections: [String] = []
    private(set) var part: JSON?
    private(set) var answer: JSON = .null

    init(_ client: MatrixClient, _ room: String, form: Form, filter: JSON? = nil, since: String? = nil) {
        (self.client, self.room, self.form, self.filter, self.since) = (client, room, form, filter, since)
    }

    var timeline: [JSON] { part?.events(at: "timeline") ?? [] }
    var told: [JSON] { part?.events(at: form.key) ?? [] }
    var isLimited: Bool { part?["timeline", "limited"] == true }

    mutating func sync(timeout: Int = 0, fullState: Bool = false) async throws {
        var query = form.query
        query["set_presence"] = "offline"
        query["timeout"] = String(timeout)
        query["since"] = since
        query["filter"] = filter?.text
        if fullState { query["full_state"] = "true" }
        answer = try await client.get("/sync", query: query).json
        since = answer["next_batch"]?.stringValue
        sections = ["join", "peek", "leave", "invite"].filter { answer["rooms", $0, room] != nil }
        #expect(sections.count <= 1, "a room stands in one section")
        part = sections.first.flatMap { answer["rooms", $0, room] }
        guard let part, sections != ["invite"] else { return }
        for other in Form.allCases where other.key != form.key { #expect(part[other.key] == nil) }
        #expect(part[form.key] != nil, "the state is there, even if it is empty")
        for event in told + (form == .before ? timeline : []) {
            guard let key = Self.key(of: event) else { continue }
            state[key] = event
        }
    }

    /// Holds the state against what the client reads of the room, by event and by content.
    func expectTruth(_ comment: Comment = "", _ location: SourceLocation = #_sourceLocation) async throws {
        let truth = try await client.get("/rooms/\(room)/state").json.arrayValue ?? []
        var wanted: [String: JSON] = [:]
        for event in truth { Self.key(of: event).map { wanted[$0] = event } }
        let differing = Set(wanted.keys).union(state.keys).filter { key in
            state[key]?["event_id"] != wanted[key]?["event_id"] || state[key]?["content"] != wanted[key]?["content"]
        }
        #expect(differing.sorted() == [], comment, sourceLocation: location)
    }

    /// The content of one piece of the state that it keeps.
    func content(_ type: String, key: String = "") -> JSON? { state["\(type) \(key)"]?["content"] }

    private static func key(of event: JSON) -> String? {
        event["state_key"]?.stringValue.map { "\(event["type"]?.stringValue ?? "") \($0)" }
    }
}
