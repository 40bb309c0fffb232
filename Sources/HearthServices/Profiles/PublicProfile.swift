import MatrixModel
import SubscriptionCore

/// The fields of `m.profile`, which everybody may see.
enum PublicProfile {
    static let timeZone = "m.tz"
    /// The time zone ([MSC4175](https://github.com/matrix-org/matrix-spec-proposals/pull/4175)) under both of its names: one value.
    static let timeZoneNames = [timeZone, "us.cloke.msc4175.tz"]

    /// A field's value; nil where there is none, and for fields that follow the audience, which do not belong there.
    static func value(of name: String, in content: JSONObject) -> JSON? {
        if AudienceField(named: name) != nil { return nil }
        guard timeZoneNames.contains(name) else { return content[name] }
        return timeZoneNames.lazy.compactMap { content[$0] }.first
    }

    /// The fields under all of their names.
    static func view(of content: JSONObject) -> JSONObject {
        var view = content
        for name in AudienceField.allCases.flatMap(\.names) { view[name] = nil }
        if let timeZone = value(of: timeZone, in: content) {
            for name in timeZoneNames { view[name] = timeZone }
        }
        return view
    }

    /// The content of `m.profile` once a field was set, or deleted by nil.
    static func content(_ content: JSONObject, setting name: String, to value: JSON?) -> JSONObject {
        var changed = content
        // What older versions put there.
        for name in AudienceField.allCases.flatMap(\.names) { changed[name] = nil }
        guard timeZoneNames.contains(name) else {
            changed[name] = value
            return changed
        }
        for name in timeZoneNames { changed[name] = nil }
        changed[timeZone] = value
        return changed
    }
}
