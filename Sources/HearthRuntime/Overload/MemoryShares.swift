import HearthSettings
public import MatrixModel

/// Who memory is lent to: a user, an address, or both. What is nil bounds nobody.
public struct MemoryBorrower: Sendable, Hashable {
    public var user: UserID?
    /// As ``ClientAddress/countedAs(sharedBy:)`` says.
    public var address: String?

    public init(user: UserID? = nil, address: String? = nil) {
        self.user = user
        self.address = address
    }

    /// Who asks: the user, or the address where nobody is logged in.
    public var asAsker: MemoryBorrower { user == nil ? self : MemoryBorrower(user: user) }
}

/// How much of one part of the budget is lent, and to whom.
///
/// Pure. One user may hold an eighth of it, one address a quarter; but a request whose borrower holds nothing besides may borrow more, so that
/// the largest answer can be made, one at a time. Of answers, an eighth stays for those that need little, who never wait behind those that need much.
struct MemoryShares: Sendable {
    /// So many requests wait in line, and so many of one user.
    static let mostWaiting = 256
    static let mostWaitingOfUser = 2
    /// So many answers that need much are made at once: they read much, and others have to read as well.
    static let mostTurns = 2

    let most: Int
    private let mostOfUser: Int
    private let mostOfAddress: Int
    /// What a request that needs little has at most.
    private let little: Int
    /// What is lent in all when a request that needs more gets something.
    private let mostForMuch: Int
    private(set) var lent = 0
    private var users: [UserID: Int] = [:]
    private var addresses: [String: Int] = [:]
    /// In the order of their coming.
    private var waiting: [Place] = []
    private var lastPlace = 0
    private var turns = 0

    private struct Place {
        let number: Int
        let bytes: Int
        let borrower: MemoryBorrower
    }

    /// - Parameters:
    ///   - budget: of which this is the part for a use.
    ///   - largest: what one request may need in several loans.
    init(of budget: Int, for use: MemoryUse, largest: Int) {
        most = use.part(of: budget)
        mostOfUser = max(most / 8, largest)
        mostOfAddress = max(most / 4, largest)
        little = most / 128
        // Bodies are bounded each; of answers the largest are much larger than most.
        mostForMuch = use == .answers ? most / 8 * 7 : most
    }

    /// False where the rest is too little, of all or of the borrower's share, or where others wait for it.
    ///
    /// - Parameter held: what the same request has already.
    mutating func lend(_ bytes: Int, to borrower: MemoryBorrower, besides held: Int = 0) -> Bool {
        if held + bytes > little, waiting.contains(where: { mayGo($0) }) { return false }
        return take(bytes, for: borrower, besides: held)
    }

    /// What ``lend(_:to:besides:)`` does, for an answer that is being read: one that needs much has to have a turn.
    ///
    /// - Parameter hasTurn: set where this begins one; ``endTurn()`` has to follow then.
    mutating func lend(_ bytes: Int, to borrower: MemoryBorrower, besides held: Int, hasTurn: inout Bool) -> Bool {
        if hasTurn || held + bytes <= little { return take(bytes, for: borrower, besides: held) }
        guard turns < Self.mostTurns, lend(bytes, to: borrower, besides: held) else { return false }
        turns += 1
        hasTurn = true
        return true
    }

    private mutating func take(_ bytes: Int, for borrower: MemoryBorrower, besides held: Int) -> Bool {
        guard lent + bytes <= (held + bytes > little ? mostForMuch : most), !exceedsShare(bytes, of: borrower, besides: held)
        else {
            return false
        }
        lent += bytes
        if let user = borrower.user { users[user, default: 0] += bytes }
        if let address = borrower.address { addresses[address, default: 0] += bytes }
        return true
    }

    /// Whether the borrower holds too much already, however much there is.
    private func exceedsShare(_ bytes: Int, of borrower: MemoryBorrower, besides held: Int) -> Bool {
        if let user = borrower.user, let all = users[user], all > held, all + bytes > mostOfUser { return true }
        if let address = borrower.address, let all = addresses[address], all > held, all + bytes > mostOfAddress { return true }
        return false
    }

    mutating func giveBack(_ bytes: Int, from borrower: MemoryBorrower) {
        lent -= bytes
        if let user = borrower.user { users[user] = (users[user] ?? 0) > bytes ? (users[user] ?? 0) - bytes : nil }
        if let address = borrower.address {
            addresses[address] = (addresses[address] ?? 0) > bytes ? (addresses[address] ?? 0) - bytes : nil
        }
    }

    var isEmpty: Bool { lent == 0 && users.isEmpty && addresses.isEmpty && waiting.isEmpty && turns == 0 }

    // MARK: In line

    /// A place at the end of the line; nil where too many wait.
    mutating func queue(_ bytes: Int, for borrower: MemoryBorrower) -> Int? {
        guard waiting.count < Self.mostWaiting else { return nil }
        if let user = borrower.user, waiting.count(where: { $0.borrower.user == user }) >= Self.mostWaitingOfUser { return nil }
        lastPlace += 1
        waiting.append(Place(number: lastPlace, bytes: min(bytes, mostForMuch), borrower: borrower))
        return lastPlace
    }

    /// What the place waits for, if it is there, and nobody before it could go as well. The turn begins with it; ``endTurn()`` has to follow.
    ///
    /// One that waits for more than there is gets the rest while nothing else is made and no more than half is lent: those who take their time to
    /// receive what was made for them hold up nobody.
    mutating func lend(toPlace number: Int) -> (bytes: Int, borrower: MemoryBorrower)? {
        guard turns < Self.mostTurns, let place = waiting.first(where: { mayGo($0) }), place.number == number else { return nil }
        let mayBeLess = turns == 0 && lent <= mostForMuch / 2
        let bytes = mayBeLess ? min(place.bytes, mostForMuch - lent) : place.bytes
        guard take(bytes, for: place.borrower, besides: 0) else { return nil }
        turns += 1
        waiting.removeAll { $0.number == number }
        return (bytes, place.borrower)
    }

    /// What had its turn is made.
    mutating func endTurn() { turns -= 1 }

    mutating func leave(_ number: Int) { waiting.removeAll { $0.number == number } }

    /// Whether the place waits for nothing but that there is enough; one whose borrower holds too much holds up nobody.
    private func mayGo(_ place: Place) -> Bool { !exceedsShare(place.bytes, of: place.borrower, besides: 0) }
}
