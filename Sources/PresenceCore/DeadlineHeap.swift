/// The next deadline of each user, soonest first: at most one entry a user, so that it never outgrows the users.
///
/// A binary heap that knows where each user's entry stands; setting, moving and removing an entry cost the logarithm of their
/// number. Users are numbered densely from 0.
struct DeadlineHeap<Time: Comparable & Sendable>: Sendable {
    private struct Node: Sendable {
        var time: Time
        var slot: Int32
    }

    private var nodes: [Node] = []
    /// Where each slot's node stands; -1 for none.
    private var positions: [Int32] = []

    /// The soonest deadline.
    var first: Time? { nodes.first?.time }

    func deadline(of slot: Int) -> Time? {
        guard slot < positions.count, positions[slot] >= 0 else { return nil }
        return nodes[Int(positions[slot])].time
    }

    /// Gives a user this deadline in place of the one before; nil takes it away.
    mutating func set(_ slot: Int, to time: Time?) {
        while positions.count <= slot { positions.append(-1) }
        let position = Int(positions[slot])
        switch (position >= 0, time) {
        case (true, let time?):
            let isLater = nodes[position].time < time
            nodes[position].time = time
            if isLater { sink(position) } else { rise(position) }
        case (true, nil): remove(at: position)
        case (false, let time?):
            nodes.append(Node(time: time, slot: Int32(slot)))
            positions[slot] = Int32(nodes.count - 1)
            rise(nodes.count - 1)
        case (false, nil): break
        }
    }

    /// Takes out one user whose deadline has come.
    mutating func popFirst(by now: Time) -> Int? {
        guard let first = nodes.first, first.time <= now else { return nil }
        remove(at: 0)
        return Int(first.slot)
    }

    private mutating func remove(at position: Int) {
        positions[Int(nodes[position].slot)] = -1
        let last = nodes.removeLast()
        guard position < nodes.count else { return }
        place(last, at: position)
        sink(position)
        rise(position)
    }

    private mutating func place(_ node: Node, at position: Int) {
        nodes[position] = node
        positions[Int(node.slot)] = Int32(position)
    }

    private mutating func rise(_ start: Int) {
        var position = start
        let node = nodes[position]
        while position > 0, node.time < nodes[(position - 1) / 2].time {
            place(nodes[(position - 1) / 2], at: position)
            position = (position - 1) / 2
        }
        place(node, at: position)
    }

    private mutating func sink(_ start: Int) {
        var position = start
        let node = nodes[position]
        while true {
            var child = 2 * position + 1
            guard child < nodes.count else { break }
            if child + 1 < nodes.count, nodes[child + 1].time < nodes[child].time { child += 1 }
            guard nodes[child].time < node.time else { break }
            place(nodes[child], at: position)
            position = child
        }
        place(node, at: position)
    }

    func checkInvariants() {
        for (index, node) in nodes.enumerated() {
            precondition(positions[Int(node.slot)] == Int32(index), "a slot must know where its deadline stands")
            precondition(index == 0 || nodes[(index - 1) / 2].time <= node.time, "a parent's deadline must not lie later")
        }
        precondition(positions.count { $0 >= 0 } == nodes.count, "each deadline must belong to one slot")
    }
}
