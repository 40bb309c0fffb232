import HTTPTypes
import MatrixModel

/// Finds what serves a method and a path. The most literal pattern wins; a path that only other methods serve is told apart from
/// one that nothing serves.
///
/// Patterns are written as in `/_matrix/client/v3/rooms/:roomID/state/:eventType`: a component that begins with a colon takes any
/// text. Paths come as components that were split at the slashes first and decoded then, so that an encoded slash stays inside its
/// component; a trailing slash makes no difference.
package struct RouteTable<Value: Sendable>: Sendable {
    package enum Match {
        case found(Value, pattern: String, parameters: [String: String])
        /// Only other methods are served at this path: these, sorted.
        case wrongMethod(served: [String])
        case unknownPath
    }

    /// Where the components so far lead to.
    private struct Node {
        /// Nodes by their number: a look-up copies none.
        var literals: [String: Int] = [:]
        var capture: Int?
        var captureName = ""
        var values: [String: (value: Value, pattern: String)] = [:]
    }

    /// The first is the root.
    private var nodes = [Node()]
    private(set) var count = 0

    package init() {}

    /// Adds a pattern. Two values for one method and path, and two names for one captured component, are mistakes of the program.
    package mutating func add(_ value: Value, method: String, pattern: String) {
        var place = 0
        for component in pattern.split(separator: "/") { place = addNode(String(component), behind: place, for: pattern) }
        precondition(nodes[place].values[method] == nil, "two endpoints serve \(method) \(pattern)")
        nodes[place].values[method] = (value, pattern)
        count += 1
    }

    /// The number of the node that a component of a pattern leads to.
    private mutating func addNode(_ component: String, behind place: Int, for pattern: String) -> Int {
        let isCapture = component.first == ":"
        let name = isCapture ? String(component.dropFirst()) : component
        if let known = isCapture ? nodes[place].capture : nodes[place].literals[name] {
            precondition(
                !isCapture || nodes[place].captureName == name, "\(pattern) names a component otherwise than a pattern before it")
            return known
        }
        let number = nodes.count
        nodes.append(Node())
        if isCapture {
            nodes[place].capture = number
            nodes[place].captureName = name
        } else {
            nodes[place].literals[name] = number
        }
        return number
    }

    package func match(method: String, path: [String]) -> Match {
        let components = path.last == "" ? path.dropLast() : path[...]
        var parameters: [String: String] = [:]
        guard let place = find(components, from: 0, parameters: &parameters) else { return .unknownPath }
        guard let entry = nodes[place].values[method] else { return .wrongMethod(served: nodes[place].values.keys.sorted()) }
        return .found(entry.value, pattern: entry.pattern, parameters: parameters)
    }

    private func find(_ components: ArraySlice<String>, from place: Int, parameters: inout [String: String]) -> Int? {
        guard let component = components.first else { return nodes[place].values.isEmpty ? nil : place }
        if let literal = nodes[place].literals[component],
            let found = find(components.dropFirst(), from: literal, parameters: &parameters)
        {
            return found
        }
        guard let capture = nodes[place].capture,
            let found = find(components.dropFirst(), from: capture, parameters: &parameters)
        else { return nil }
        parameters[nodes[place].captureName] = component
        return found
    }
}

/// A request's target, taken apart.
package struct RequestTarget: Sendable {
    /// Decoded, without the empty one before the leading slash.
    package let path: [String]

    /// The longest path, as it comes. Of four identifiers, which are all that any has, none has more than 255 bytes, and each byte may be escaped.
    static let longestPath = 4096

    /// - Throws: 400 `M_INVALID_PARAM` for a path that cannot be decoded, 414 `M_TOO_LARGE` for a longer one than any there is.
    package init(path text: String) throws(ClientFailure) {
        guard text.utf8.count <= Self.longestPath else {
            throw ClientFailure(.uriTooLong, .tooLarge, "A path has at most \(Self.longestPath) bytes.")
        }
        var path: [String] = []
        for component in text.utf8.drop(while: { $0 == UInt8(ascii: "/") })
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        {
            guard let decoded = PercentDecoding.decode(component, plusIsSpace: false) else {
                throw .invalidParameter("The path is not percent-encoded UTF-8.")
            }
            path.append(decoded)
        }
        self.path = path
    }
}
