import MatrixModel
import SubscriptionCore
import Testing

/// Common rooms as a table says them.
struct GivenRooms: CommonRooms {
    var suggesting: Set<RoomID> = []
    var closed = false
    var open = false

    func hasSuggestingRoom(among rooms: Set<RoomID>) -> Bool { !rooms.isDisjoint(with: suggesting) }
    func hasRoom(countingPublic: Bool) -> Bool { closed || (open && countingPublic) || !suggesting.isEmpty }

    static let none = GivenRooms()
    static let sharing = GivenRooms(closed: true)
    static let onlyPublic = GivenRooms(open: true)
    static let suggestingDen = GivenRooms(suggesting: [Names.den])
}

/// One line of the table: who looks, the owner's policy, the rooms of both, what the operator says, and what comes of it.
struct AudienceCase: Sendable, CustomTestStringConvertible {
    let claim: String
    var viewer = Names.bob
    var policy: JSONObject = [:]
    var rooms = GivenRooms.none
    var audience = Audience()
    let sees: Bool

    var testDescription: String { claim }

    static let far = UserID("@far:beta.test")!
}

@Suite("Who is in an audience")
struct AudienceTests {
    @Test("the first line of the rule that matches decides", arguments: lines + defaults + sharedRooms)
    func rule(line: AudienceCase) {
        let sees = line.audience.includes(
            line.viewer, of: Names.alice, sharing: PresenceSharing(parsing: line.policy), rooms: line.rooms)
        #expect(sees == line.sees)
    }

    private static let users: JSONObject = ["@bob:alpha.test": "deny", "@far:beta.test": "allow", "@alice:alpha.test": "deny"]
    private static let policy: JSONObject = [
        "users": .object(users), "servers": ["beta.test": "deny"], "rooms": ["!den:alpha.test": "allow"],
        "share_locally": true, "io.hearth.default": "everyone",
    ]

    static let lines: [AudienceCase] = [
        .init(claim: "the owner, denied or not", viewer: Names.alice, policy: policy, sees: true),
        .init(claim: "a denied user, though all else allows", policy: policy, rooms: .suggestingDen, sees: false),
        .init(claim: "an allowed user of a denied server", viewer: AudienceCase.far, policy: policy, sees: true),
        .init(
            claim: "a denied server, though an allowed room is shared", viewer: AudienceCase.far,
            policy: ["servers": ["beta.test": "deny"], "rooms": ["!den:alpha.test": "allow"], "io.hearth.default": "everyone"],
            rooms: .suggestingDen, sees: false),
        .init(
            claim: "one's own server denied, though one shares locally",
            policy: ["servers": ["alpha.test": "deny"], "share_locally": true], rooms: .sharing, sees: false),
        .init(
            claim: "an allowed room that suggests sharing", policy: ["rooms": ["!den:alpha.test": "allow"]],
            rooms: .suggestingDen, sees: true),
        .init(
            claim: "an allowed room that suggests nothing", policy: ["rooms": ["!den:alpha.test": "allow"]], rooms: .sharing,
            sees: false),
        .init(
            claim: "a suggesting room that is not allowed", policy: ["rooms": ["!hall:alpha.test": "allow"]],
            rooms: .suggestingDen, sees: false),
        .init(claim: "locally, with a shared room", policy: ["share_locally": true], rooms: .onlyPublic, sees: true),
        .init(claim: "locally, without a shared room", policy: ["share_locally": true], sees: false),
        .init(
            claim: "locally, from another server", viewer: AudienceCase.far, policy: ["share_locally": true], rooms: .sharing,
            sees: false),
        .init(claim: "who shares a room, where a map is empty", policy: ["users": [:]], rooms: .sharing, sees: false),
        .init(claim: "who shares a room, without a policy", rooms: .sharing, sees: true),
        .init(claim: "a stranger, without a policy", sees: false),
    ]

    /// What the default allows to whom: a stranger, a local contact, a remote contact, a remote stranger.
    static let defaults: [AudienceCase] = [
        (DefaultAudience.everyone, [true, true, true, true]), (.sharedRooms, [false, true, true, false]),
        (.local, [true, true, false, false]), (.nobody, [false, false, false, false]),
    ].flatMap { audience, expected in
        let viewers = [
            (Names.bob, GivenRooms.none), (Names.bob, .sharing), (AudienceCase.far, .sharing), (AudienceCase.far, .none),
        ]
        return zip(viewers, expected).flatMap { viewer, sees in
            [
                AudienceCase(
                    claim: "\(audience), said by the user, to \(viewer.0)", viewer: viewer.0,
                    policy: ["io.hearth.default": .string(audience.rawValue)], rooms: viewer.1,
                    audience: Audience(byDefault: audience == .nobody ? .everyone : .nobody), sees: sees),
                AudienceCase(
                    claim: "\(audience), said by the operator, to \(viewer.0)", viewer: viewer.0, rooms: viewer.1,
                    audience: Audience(byDefault: audience), sees: sees),
            ]
        }
    }

    static let sharedRooms: [AudienceCase] = [
        .init(claim: "a public room between users of one server", rooms: .onlyPublic, sees: true),
        .init(claim: "a public room with another server", viewer: AudienceCase.far, rooms: .onlyPublic, sees: false),
        .init(
            claim: "a public room with another server, where the operator says so", viewer: AudienceCase.far, rooms: .onlyPublic,
            audience: Audience(publicRoomsShare: true), sees: true),
    ]

    /// Contents, and the default that they come to; nil leaves it to the operator.
    static let shapes: [(JSONObject, DefaultAudience?)] = [
        ([:], nil), (["users": .null], nil), (["unknown": "everyone"], nil), (["io.hearth.default": "local"], .local),
        (["io.hearth.default": "friends"], .nobody), (["io.hearth.default": 1], .nobody), (["io.hearth.default": .null], .nobody),
        (["io.hearth.default": ["everyone"]], .nobody), (["users": [:]], .nobody), (["share_locally": false], .nobody),
        (["share_locally": "yes"], .nobody), (["rooms": ["!den:alpha.test"]], .nobody), (["servers": 1], .nobody),
        // Who was denied is not known any more: a default that says everybody does not hold.
        (["users": "none", "io.hearth.default": "everyone"], .nobody),
        (["servers": ["beta.test"], "io.hearth.default": "everyone"], .nobody),
        // These only ever allow.
        (["rooms": true, "share_locally": 1, "io.hearth.default": "local"], .local),
    ]

    @Test("a value of the wrong shape never widens the audience", arguments: shapes)
    func brokenPolicies(content: JSONObject, byDefault: DefaultAudience?) {
        let sharing = PresenceSharing(parsing: content)
        #expect(sharing.byDefault == byDefault)
        #expect(sharing.allowedUsers.isEmpty && sharing.allowedRooms.isEmpty && !sharing.sharesLocally)
    }

    @Test("an unreadable entry allows nobody, and refuses where refusals stand")
    func brokenEntries() {
        let sharing = PresenceSharing(parsing: [
            "users": ["@bob:alpha.test": "Allow", "@carol:alpha.test": 1, "@dave:alpha.test": .null, "bob": "allow"],
            "servers": ["beta.test": 0, "gamma.test": "allow", "not a name": "deny"],
            "rooms": ["!den:alpha.test": true, "den": "allow"],
        ])
        #expect(sharing.allowedUsers.isEmpty && sharing.allowedRooms.isEmpty)
        #expect(sharing.deniedUsers == [Names.bob, Names.carol])
        #expect(sharing.deniedServers == [ServerName("beta.test")!])
    }
}
