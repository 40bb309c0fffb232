/// Finds what serves a method and a path. The most literal pattern wins; a path that only other methods serve is told apart from
/// one that nothing serves.
///
/// Patterns are written as in `/_matrix/client/v3/rooms/:roomID/state/:eventType`: a component that begins with a colon takes any
/// text. Paths come as components that were split at the slashes first and decoded then, so that an encoded slash stays inside its
/// component; a trailing slash makes no difference.
package struct RouteTable<Value: Sendable>: Sendable {
    package enum Match {
        case found(Value, pattern: String, parameters: [String: String])
        /// Other methods are served at this path.
        case wrongMethod
        case unknownPath
    }

    private struct Node {
        var literals: [String: Node] = [:]
        /// One node at most; an array because a struct cannot hold itself.
        var capture: [Node] = []
        var captureName = ""
        var values: [String: (value: Value, pattern: String)] = [:]
    }

    private var root = Node()
    private(set) var count = 0

    package init() {}

    /// Adds a pattern. Two values for one method and path, and two names for one captured component, are mistakes of the program.
    package mutating func add(_ value: Value, method: String, pattern: String) {
        let components = pattern.split(separator: "/").map { String($0) }
        Self.add((value, pattern), method: method, components: components[...], to: &root)
        count += 1
    }

    private static func add(
        _ entry: (value: Value, pattern: String), method: String, components: ArraySlice<String>, to node: inout Node
    ) {
        guard let component = components.first else {
            precondition(node.values[method] == nil, "two endpoints serve \(method) \(entry.pattern)")
            node.values[method] = entry
            return
        }
        guard component.first == ":" else {
            add(entry, method: method, components: components.dropFirst(), to: &node.literals[component, default: Node()])
            return
        }
        if node.capture.isEmpty {
            node.capture = [Node()]
            node.captureName = component
        }
        precondition(node.captureName == component, "\(entry.pattern) names a component otherwise than a pattern before it")
        add(entry, method: method, components: components.dropFirst(), to: &node.capture[0])
    }

    package func match(method: String, path: [String]) -> Match {
        let components = path.last == "" ? path.dropLast() : path[...]
        var parameters: [String: String] = [:]
        guard let node = Self.find(components, from: root, parameters: &parameters) else { return .unknownPath }
        guard let entry = node.values[method] else { return .wrongMethod }
        return .found(entry.value, pattern: entry.pattern, parameters: parameters)
    }

    private static func find(
        _ components: ArraySlice<String>, from node: Node, parameters: inout [String: String]
    ) -> Node? {
        guard let component = components.first else { return node.values.isEmpty ? nil : node }
        if let literal = node.literals[component],
            let found = find(components.dropFirst(), from: literal, parameters: &parameters)
        {
            return found
        }
        guard let capture = node.capture.first,
            let found = find(components.dropFirst(), from: capture, parameters: &parameters)
        else { return nil }
        parameters[String(node.captureName.dropFirst())] = component
        return found
    }
}

/// A request's target, taken apart.
package struct RequestTarget: Sendable {
    /// Decoded, without the empty one before the leading slash.
    package let path: [String]

    /// - Throws: 400 `M_INVALID_PARAM` for a path that cannot be decoded.
    package init(path text: String) throws(ClientFailure) {
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
