public import MatrixModel

/// How a client wants rooms' events written: `event_format` and `event_fields` of a filter.
///
/// [Filter](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3useruseridfilter). Whatever is not the plain client format
/// is made of each event anew, and costs the reader's own time.
public struct EventForm: Sendable {
    /// Events as servers exchange them, with their id and what a client is told beside them.
    public var isFederation = false
    /// What of each event is written; nil for all of it.
    public var fields: EventFields?

    public init() {}

    /// Whether events go out as they were encoded once.
    public var isPlain: Bool { !isFederation && fields == nil }

    /// - Parameter isStored: whether the filter was accepted once: then it had its say.
    /// - Throws: ``FilterError`` for another word than `client` and `federation`, and for what is no list of strings.
    init(_ json: JSONObject, isStored: Bool) throws(FilterError) {
        if let format = json["event_format"], !format.isNull {
            switch format {
            case "client": break
            case "federation": isFederation = true
            default: if !isStored { throw FilterError("event_format", "client or federation") }
            }
        }
        let paths: [String]?
        do throws(FilterError) {
            paths = try FilterLists(json: json, path: "", isStored: isStored)["event_fields"]
        } catch {
            if !isStored { throw error }
            paths = nil
        }
        if let paths, !paths.isEmpty { fields = EventFields(paths.map { PropertyPath($0) }) }
    }
}

/// The members of events that a client asks for.
public struct EventFields: Sendable {
    private indirect enum Wanted: Sendable {
        case whole
        case members([String: Wanted])
    }

    /// No event nests deeper: a longer path names nothing.
    private static let deepest = 64

    private var wanted = Wanted.members([:])

    init(_ paths: [PropertyPath]) {
        for path in paths where path.keys.count <= Self.deepest { Self.add(path.keys[...], to: &wanted) }
    }

    private static func add(_ keys: ArraySlice<String>, to wanted: inout Wanted) {
        guard case .members(var members) = wanted else { return }
        guard let key = keys.first else {
            wanted = .whole
            return
        }
        // Changed in place, not in a copy: a filter from before there was a bound may name thousands.
        wanted = .whole
        add(keys.dropFirst(), to: &members[key, default: .members([:])])
        wanted = .members(members)
    }

    /// What of an event is asked for.
    public func of(_ event: JSONObject) -> JSONObject { Self.of(event, wanted) }

    private static func of(_ object: JSONObject, _ wanted: Wanted) -> JSONObject {
        guard case .members(let members) = wanted else { return object }
        var picked: JSONObject = [:]
        for (key, wanted) in members {
            guard let value = object[key] else { continue }
            if case .whole = wanted {
                picked[key] = value
            } else if let inner = value.objectValue {
                let part = of(inner, wanted)
                if !part.isEmpty { picked[key] = .object(part) }
            }
        }
        return picked
    }
}
