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
}

/// What memory is lent for. Each has a part of the budget to itself, so that none takes what another needs.
public enum MemoryUse: Sendable, CaseIterable {
    /// The bodies of requests with a valid access token.
    case bodies
    /// The bodies of all others.
    case strangersBodies
    case answers

    /// Of the budget.
    fileprivate var sixteenths: Int {
        switch self {
        case .bodies: 7
        case .strangersBodies: 1
        case .answers: 8
        }
    }
}

/// How much of one part of the budget is lent, and to whom.
///
/// Pure. One user may hold an eighth of it, one address a quarter; but whoever holds nothing may borrow whatever is there, so that the largest
/// answer can be made, one at a time.
struct MemoryShares: Sendable {
    let most: Int
    private let mostOfUser: Int
    private let mostOfAddress: Int
    private(set) var lent = 0
    private var users: [UserID: Int] = [:]
    private var addresses: [String: Int] = [:]

    /// - Parameters:
    ///   - budget: of which this is the part for a use.
    ///   - largest: what one request may need in several loans.
    init(of budget: Int, for use: MemoryUse, largest: Int) {
        most = budget / 16 * use.sixteenths
        mostOfUser = max(most / 8, largest)
        mostOfAddress = max(most / 4, largest)
    }

    /// False where the rest is too little, of all or of the borrower's share.
    mutating func lend(_ bytes: Int, to borrower: MemoryBorrower) -> Bool {
        guard lent + bytes <= most, !exceedsShare(bytes, of: borrower) else { return false }
        lent += bytes
        if let user = borrower.user { users[user, default: 0] += bytes }
        if let address = borrower.address { addresses[address, default: 0] += bytes }
        return true
    }

    /// Whether the borrower holds too much already, however much there is.
    func exceedsShare(_ bytes: Int, of borrower: MemoryBorrower) -> Bool {
        if let user = borrower.user, let held = users[user], held + bytes > mostOfUser { return true }
        if let address = borrower.address, let held = addresses[address], held + bytes > mostOfAddress { return true }
        return false
    }

    mutating func giveBack(_ bytes: Int, from borrower: MemoryBorrower) {
        lent -= bytes
        if let user = borrower.user { users[user] = (users[user] ?? 0) > bytes ? (users[user] ?? 0) - bytes : nil }
        if let address = borrower.address {
            addresses[address] = (addresses[address] ?? 0) > bytes ? (addresses[address] ?? 0) - bytes : nil
        }
    }

    var isEmpty: Bool { lent == 0 && users.isEmpty && addresses.isEmpty }
}
