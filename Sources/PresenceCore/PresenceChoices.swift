public import MatrixModel

/// All choices of one user that stand, each with the right to return when what covers it ends.
///
/// *In force* is the first of: any `offline`, whosever it is; the user's choice; the newest `busy` of a device; soft away.
public struct PresenceChoices: Sendable, Equatable {
    /// In the order in which they were made.
    public private(set) var all: [PresenceChoice] = []

    public init(_ choices: [PresenceChoice] = []) { all = choices.sorted { $0.number < $1.number } }

    public var isEmpty: Bool { all.isEmpty }

    /// The user's own choice.
    public var ofUser: PresenceChoice? { all.first { $0.maker == .user } }

    /// Whether anything of this device stands: its choice, or that it went to the background.
    public func has(_ device: DeviceID, at wall: MatrixTimestamp) -> Bool {
        all.contains { $0.maker.device == device && $0.holds(at: wall) }
    }

    func choice(of maker: PresenceChoice.Maker) -> PresenceChoice? { all.first { $0.maker == maker } }

    /// The one that counts.
    public func inForce(at wall: MatrixTimestamp) -> PresenceChoice? {
        var first: PresenceChoice?
        for choice in all where choice.holds(at: wall) {
            if let known = first, !choice.precedes(known) { continue }
            first = choice
        }
        return first
    }

    /// All that stand, the one in force first, then those that would follow it.
    public func inOrderOfForce(at wall: MatrixTimestamp) -> [PresenceChoice] {
        all.filter { $0.holds(at: wall) }.sorted { $0.precedes($1) }
    }

    /// When the first of them ends by itself.
    var nextExpiry: MatrixTimestamp? { all.lazy.compactMap(\.expires).min() }

    /// Takes the place of the choice of the same maker. There is one soft away, whichever device it is of.
    mutating func make(_ choice: PresenceChoice) {
        all.removeAll { $0.maker == choice.maker || $0.isAway && choice.isAway }
        var choice = choice
        choice.number = (all.last?.number ?? 0) + 1
        all.append(choice)
    }

    /// - Returns: what ended.
    mutating func end(where isOver: (PresenceChoice) -> Bool) -> EndedChoices {
        var ended = EndedChoices()
        if all.isEmpty { return ended }
        all.removeAll { choice in
            guard isOver(choice) else { return false }
            if choice.isAway { ended.away = true } else { ended.chosen = true }
            return true
        }
        return ended
    }

    mutating func noteBackground(of device: DeviceID, _ isInBackground: Bool) {
        guard let index = all.firstIndex(where: { $0.maker == .device(device) && $0.presence == .busy }) else { return }
        all[index].isInBackground = isInBackground
    }

    func checkInvariants() {
        precondition(all.count { $0.maker == .user } <= 1, "a user has one choice")
        precondition(all.count(where: \.isAway) <= 1, "a user has one soft away")
        precondition(Set(all.map(\.maker)).count == all.count, "a device has one choice")
        precondition(zip(all, all.dropFirst()).allSatisfy { $0.number < $1.number }, "choices must be in their order")
        for choice in all {
            switch choice.maker {
            case .user: precondition(choice.presence != .online, "online is no choice")
            case .device: precondition([.busy, .offline].contains(choice.presence), "a device chooses busy or offline")
            case .away: precondition(choice.presence == .unavailable && choice.expires == nil, "soft away is unavailable")
            }
        }
    }
}

/// What a fact ended of a user's choices.
struct EndedChoices: Sendable, Equatable {
    /// A user's or a device's choice: published at once, up or down.
    var chosen = false
    /// Soft away, which programs make and end.
    var away = false

    var isNothing: Bool { !chosen && !away }

    static func + (lhs: Self, rhs: Self) -> Self { Self(chosen: lhs.chosen || rhs.chosen, away: lhs.away || rhs.away) }
}

extension PresenceChoice {
    private var rank: Int {
        switch maker {
        case _ where presence == .offline: 0
        case .user: 1
        case .device: 2
        case .away: 3
        }
    }

    /// Whether it comes before the other in the order of force. Of two that hide, the user's comes first; it makes no difference to others.
    fileprivate func precedes(_ other: PresenceChoice) -> Bool {
        if rank != other.rank { return rank < other.rank }
        if (maker == .user) != (other.maker == .user) { return maker == .user }
        return number > other.number
    }
}
