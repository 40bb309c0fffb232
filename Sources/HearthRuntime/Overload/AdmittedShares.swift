/// How long work that came now would wait.
package struct ExpectedWait: Sendable, Equatable {
    /// Behind all that waits.
    var behindAll: Duration
    /// In turn: what an asker waits for who has nothing waiting, since those who ask take turns.
    var inTurn: Duration

    package init(behindAll: Duration, inTurn: Duration) {
        self.behindAll = behindAll
        self.inTurn = min(inTurn, behindAll)
    }

    /// Where nobody has more waiting than others.
    package init(_ wait: Duration) { self.init(behindAll: wait, inTurn: wait) }
}

/// What is admitted of new work for one scarce thing: of askers who have many requests under way, and of all others.
///
/// Pure. The former's share follows the whole queue, the latter's only what they themselves wait for. So whoever fills a queue is refused first; others are
/// refused when there are so many of them that each of their turns comes late.
///
/// Invariant: ``ofMany`` <= ``ofFew``, and both are what an ``AdmittedShare`` may be.
struct AdmittedShares: Sendable, Equatable {
    private var many: AdmittedShare
    private var few: AdmittedShare

    init(target: Duration) {
        many = AdmittedShare(target: target)
        few = AdmittedShare(target: target)
    }

    /// Of ``AdmittedShare/whole``: what comes from askers with many requests under way.
    var ofMany: Int { many.share }
    /// What comes from all others.
    var ofFew: Int { max(few.share, many.share) }

    /// Takes a sample of how long work waits.
    mutating func observed(_ wait: ExpectedWait) {
        many.observed(wait: wait.behindAll)
        few.observed(wait: wait.inTurn)
    }

    /// Whether the number-th arrival is admitted.
    ///
    /// - Parameters:
    ///   - favour: so many times as much is admitted.
    ///   - hasMany: whether the asker has many requests under way; asked only where that matters.
    static func admit(_ number: Int, ofMany: Int, ofFew: Int, favour: Int, hasMany: () -> Bool) -> Bool {
        func isAmong(_ share: Int) -> Bool {
            AdmittedShare.admits(number, share: min(AdmittedShare.whole, share * favour))
        }
        return isAmong(ofMany) || !hasMany() && isAmong(ofFew)
    }

    func checkInvariants() {
        many.checkInvariants()
        few.checkInvariants()
        precondition(ofMany <= ofFew, "those who ask for much are admitted more readily: \(ofMany) and \(ofFew)")
    }
}
