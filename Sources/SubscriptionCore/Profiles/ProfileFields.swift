public import MatrixModel

/// The profile fields whose changes a client wants to be told of in `/sync`.
///
/// [MSC4429](https://github.com/matrix-org/matrix-spec-proposals/pull/4429): `org.matrix.msc4429.profile_fields` of a filter. Without it
/// nothing is told.
public struct ProfileFields: Sendable, Equatable {
    public static let filterKey = "org.matrix.msc4429.profile_fields"

    /// The names under which fields that follow the audience were asked for; each field that was asked for has at least one.
    public private(set) var audience: [AudienceField: [String]] = [:]
    /// All other names.
    public private(set) var others: [String] = []
    /// Tells one choice of names from another: a sync token carries it, so that names which a client newly asks for are noticed.
    public private(set) var digest: UInt32 = 0

    /// None at all.
    public init() {}

    public init(names: [String]) {
        let names = Set(names).sorted { $0.precedesInBytes($1) }
        if names.isEmpty { return }
        for name in names {
            if let field = AudienceField(named: name) {
                audience[field, default: []].append(name)
            } else {
                others.append(name)
            }
        }
        digest = Self.digest(of: names)
    }

    /// - Throws: ``FilterError`` where the member is no object, or `ids` is no list of at most ``EventFilter/mostEntries`` strings.
    init(parsing filter: JSONObject, isStored: Bool) throws(FilterError) {
        self.init()
        guard let value = filter[Self.filterKey], !value.isNull else { return }
        guard let json = value.objectValue else { throw FilterError(Self.filterKey, "an object") }
        self = Self(names: try FilterLists(json: json, path: Self.filterKey, isStored: isStored)["ids"] ?? [])
    }

    public var isEmpty: Bool { audience.isEmpty && others.isEmpty }

    /// What a token says of these names, and of what the operator says of audiences: where either is another than before, a client is told all
    /// values anew. Nil where nothing is asked for.
    public func digest(under audience: Audience) -> UInt32? {
        if isEmpty { return nil }
        // Only what is not as it is out of the box makes a difference: so tokens of before hold.
        return audience == Audience() ? digest : Self.digest(of: [audience.name], from: digest)
    }

    /// FNV-1a over the names, each ended by a zero byte: the same in every process.
    private static func digest(of names: [String], from start: UInt32 = 2_166_136_261) -> UInt32 {
        var hash = start
        for name in names {
            for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
            hash = hash &* 16_777_619
        }
        return hash
    }
}
