import HTTPTypes
import MatrixModel

/// Answers of two servers made alike: ids of rooms and events, tokens, and the order of what has none.
enum Alike {
    private static let tokens: Set<String> = ["next_batch", "prev_batch", "start", "end", "next_token"]
    /// Where the order of events says something.
    private static let ordered: Set<String> = ["timeline", "chunk"]

    static func text(_ answer: Answered) throws -> String {
        let body = try JSON(parsing: answer.bytes, options: .clientRequest)
        let headers = answer.headers.filter { ![.date, .contentLength].contains($0.name) }.map { "\($0.name): \($0.value)" }
            .sorted()
        return "\(answer.status) \(headers) \(String(decoding: json(body, isOrdered: false).bytes, as: UTF8.self))"
    }

    private static func json(_ value: JSON, isOrdered: Bool) -> JSON {
        switch value {
        case .array(let values):
            let alike = values.map { json($0, isOrdered: false) }
            return .array(
                isOrdered
                    ? alike
                    : alike.sorted { String(decoding: $0.bytes, as: UTF8.self) < String(decoding: $1.bytes, as: UTF8.self) })
        case .object(let object):
            return .object(
                JSONObject(
                    object.members.map { member -> (String, JSON) in
                        let isToken = tokens.contains(member.key) && member.value.stringValue != nil
                        let isOrdered = ordered.contains(member.key) || isOrdered && member.key == "events"
                        return (alike(member.key), isToken ? "token" : json(member.value, isOrdered: isOrdered))
                    }))
        case .string(let text): return .string(alike(text))
        default: return value
        }
    }

    /// A text without the hashes that differ from server to server.
    static func alike(_ text: String) -> String {
        var alike = ""
        var rest = Substring(text)
        while let start = rest.firstIndex(where: { $0 == "!" || $0 == "$" }) {
            alike += rest[...start]
            let end =
                rest[rest.index(after: start)...].firstIndex { !($0.isLetter || $0.isNumber || "-_=:.".contains($0)) }
                ?? rest.endIndex
            rest = rest[end...]
        }
        return alike + rest
    }
}
