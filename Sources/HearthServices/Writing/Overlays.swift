import MatrixModel

/// A memory that mirrors rows of the database, for everybody who reads without waiting for the writer.
///
/// It holds what is on the disk. Operations change it through ``WriteContext/set(_:for:of:)`` and ask ``WriteContext/changes(of:)`` first
/// for what they, or operations before them in the same transaction, have made of it: nobody else sees that. After the commit, and before
/// anybody is told of it, the changes are adopted. So nothing is put back by hand: not after an operation that throws, nor after a commit
/// that fails.
protocol RowMirror: AnyObject, Sendable {
    associatedtype Key: Hashable, Sendable
    associatedtype Value: Sendable

    /// Takes over what is on the disk now; nil for what is gone. Be brief.
    func adopt(_ changes: [Key: Value?])
}

/// What one transaction has changed of the memories that mirror rows, with the way back.
///
/// Lives on the writer's turn. A transaction that changes none of them costs nothing.
struct Overlays {
    private var overlays: [ObjectIdentifier: any UndoableOverlay] = [:]
    /// Whose change each step was, oldest first.
    private var steps: [any UndoableOverlay] = []

    /// Where one is in the transaction: ``undo(to:)`` comes back here.
    var mark: Int { steps.count }

    mutating func set<Mirror: RowMirror>(_ value: Mirror.Value?, for key: Mirror.Key, of mirror: Mirror) {
        let overlay = overlay(of: mirror) ?? Overlay(of: mirror)
        overlays[ObjectIdentifier(mirror)] = overlay
        overlay.set(value, for: key)
        steps.append(overlay)
    }

    func changes<Mirror: RowMirror>(of mirror: Mirror) -> [Mirror.Key: Mirror.Value?] {
        overlays.isEmpty ? [:] : overlay(of: mirror)?.changes ?? [:]
    }

    private func overlay<Mirror: RowMirror>(of mirror: Mirror) -> Overlay<Mirror>? {
        overlays[ObjectIdentifier(mirror)] as? Overlay<Mirror>
    }

    /// Takes back all that was changed since then, newest first.
    mutating func undo(to mark: Int) {
        while steps.count > mark { steps.removeLast().undoLast() }
    }

    /// What has the memories adopt the changes, once they are on the disk.
    var adoptions: [@Sendable () -> Void] { overlays.values.compactMap(\.adoption) }
}

private protocol UndoableOverlay: AnyObject {
    func undoLast()
    /// Nil where nothing is left to adopt.
    var adoption: (@Sendable () -> Void)? { get }
}

/// What one transaction has changed of one memory.
private final class Overlay<Mirror: RowMirror>: UndoableOverlay {
    private let mirror: Mirror
    private(set) var changes: [Mirror.Key: Mirror.Value?] = [:]
    /// What stood in ``changes`` before each of them.
    private var before: [(key: Mirror.Key, change: Mirror.Value??)] = []

    init(of mirror: Mirror) { self.mirror = mirror }

    func set(_ value: Mirror.Value?, for key: Mirror.Key) {
        before.append((key, changes.updateValue(value, forKey: key)))
    }

    func undoLast() {
        guard let last = before.popLast() else { return }
        switch last.change {
        case .some(let change): changes.updateValue(change, forKey: last.key)
        case .none: changes.removeValue(forKey: last.key)
        }
    }

    var adoption: (@Sendable () -> Void)? {
        if changes.isEmpty { return nil }
        return { [mirror, changes] in mirror.adopt(changes) }
    }
}
