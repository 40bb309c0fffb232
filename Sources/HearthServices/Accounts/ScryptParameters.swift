import HearthSettings

/// What a password's hash costs: scrypt's N and p; r is always 8. Pure.
///
/// [OWASP](https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt) names N = 2^17, p = 1 and what is
/// worth as much with less memory: 2^16 and 2, 2^15 and 3, 2^14 and 5, 2^13 and 10. A hash takes 2^cost KiB, whatever p is.
struct ScryptParameters: Sendable, Hashable {
    static let blockSize = 8
    static let costs = 1...20
    static let parallelisms = 1...16

    /// log2 of N.
    let cost: Int
    /// p: how often the memory is filled and read, one time after the other.
    let parallelism: Int

    /// Nil for what is out of range.
    init?(cost: Int, parallelism: Int) {
        guard Self.costs.contains(cost), Self.parallelisms.contains(parallelism) else { return nil }
        self.cost = cost
        self.parallelism = parallelism
    }

    init(_ settings: HearthSettings.Accounts) {
        guard let parameters = Self(cost: settings.passwordCost, parallelism: settings.passwordParallelism) else {
            preconditionFailure("the settings of passwords are checked by their table")
        }
        self = parameters
    }

    private init(uncheckedCost cost: Int, parallelism: Int) {
        self.cost = cost
        self.parallelism = parallelism
    }

    /// How long a hash takes, in blocks.
    var work: Int { parallelism << cost }

    /// Hashes that take together as long as one of `other` takes longer than one of these; empty where it does not.
    func missing(to other: ScryptParameters) -> [ScryptParameters] {
        let rest = other.work - work
        guard rest > 0 else { return [] }
        var hashes: [ScryptParameters] = []
        let whole = rest >> other.cost
        if whole > 0 { hashes.append(Self(uncheckedCost: other.cost, parallelism: whole)) }
        var part = rest - whole << other.cost
        // A sixteenth more or less is lost among all that takes time otherwise.
        while part > max(1, other.work / 16) {
            let cost = Int.bitWidth - 1 - part.leadingZeroBitCount
            hashes.append(Self(uncheckedCost: cost, parallelism: 1))
            part -= 1 << cost
        }
        return hashes
    }
}
