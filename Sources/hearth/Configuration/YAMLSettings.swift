import Foundation
import Yams

/// Reads a settings file: its nesting undone to keys such as `presence.settle`, its values as the texts that stand there.
///
/// A list becomes its items with commas, a null the empty text. What is neither text, list nor section is refused, and so is a key
/// that comes twice.
enum YAMLSettings {
    static func read(_ path: String) throws(CommandFailure) -> [(key: String, value: String)] {
        guard let bytes = FileManager.default.contents(atPath: path), let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure("cannot read the configuration file \(path) as text")
        }
        return try parse(text, name: path)
    }

    static func parse(_ text: String, name: String) throws(CommandFailure) -> [(key: String, value: String)] {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            let reason = "\(error)".split(separator: "\n").joined(separator: " ")
            throw CommandFailure("\(name) is not YAML: \(reason)")
        }
        guard let root, !isNull(root) else { return [] }
        var values: [(key: String, value: String)] = []
        try flatten(root, prefix: "", name: name, into: &values)
        var seen: Set<String> = []
        for (key, _) in values where !seen.insert(key).inserted {
            throw CommandFailure("\(key) comes twice in \(name)")
        }
        return values
    }

    private static func flatten(
        _ node: Node, prefix: String, name: String, into values: inout [(key: String, value: String)]
    ) throws(CommandFailure) {
        guard case .mapping(let mapping) = node else {
            throw CommandFailure("\(name) must hold sections with settings, such as \"presence:\" and below it \"  settle: 5s\"")
        }
        for (keyNode, value) in mapping {
            guard let key = keyNode.scalar?.string else { throw CommandFailure("a key in \(name) is no text") }
            let path = prefix + key
            switch value {
            case .mapping: try flatten(value, prefix: path + ".", name: name, into: &values)
            case .scalar(let scalar): values.append((path, isNull(value) ? "" : scalar.string))
            case .sequence(let sequence):
                let items = sequence.compactMap(\.scalar?.string)
                guard items.count == sequence.count else { throw CommandFailure("\(path) in \(name) must be a list of texts") }
                values.append((path, items.joined(separator: ",")))
            case .alias: throw CommandFailure("\(path) in \(name) is an alias; write its value")
            }
        }
    }

    private static func isNull(_ node: Node) -> Bool { node.null != nil }
}
