/// How much of the new work is admitted, steered by how long admitted work has to wait.
///
/// Pure. Falls with samples over the target, by as much as they are over it and by a half at most; rises a little with each below half
/// of it, more where hardly anything waits; stays in between. A few late samples are a burst that will be done soon; only more in a row
/// are a queue that stays. After a fall it waits for two samples, so that what it did can show. A queue that makes work wait for more than
/// twice the target takes hardly any more until it is as short as it should be, whatever the share is then. It never falls to nothing:
/// what is admitted is how the end of the overload is found out.
///
/// Invariant: ``least`` <= ``share`` <= ``whole``.
struct AdmittedShare: Sendable, Equatable {
    /// All new work.
    static let whole = 1024
    static let least = 8

    /// So many late samples in a row are a queue: while all is admitted, and once less is.
    private static let patience = (whole: 4, less: 2)

    /// How long work may wait; zero admits everything.
    let target: Duration
    /// What is admitted of ``whole`` where the queue is not too long.
    private var openShare = whole
    private var isQueueTooLong = false
    private var lateSamples = 0

    init(target: Duration) { self.target = target }

    /// Of ``whole``.
    var share: Int { isQueueTooLong ? Self.least : openShare }

    /// Takes a sample of how long work waits.
    mutating func observed(wait: Duration) {
        guard target > .zero else { return }
        guard wait > target else {
            lateSamples = 0
            isQueueTooLong = false
            if wait * 8 < target {
                openShare = min(Self.whole, openShare + openShare / 4 + 4)
            } else if wait * 2 < target {
                openShare = min(Self.whole, openShare + openShare / 32 + 2)
            }
            return
        }
        lateSamples += 1
        // Until the queue is as short as it should be.
        if isQueueTooLong { return }
        isQueueTooLong = wait > target * 2 && lateSamples >= Self.patience.less
        guard isQueueTooLong || lateSamples >= (openShare == Self.whole ? Self.patience.whole : Self.patience.less) else {
            return
        }
        lateSamples = -1
        let factor = min(max(target / wait, 0.5), 0.9)
        openShare = max(Self.least, Int(Double(openShare) * factor))
    }

    /// Whether the number-th arrival is among the share. Of any ``whole`` arrivals in a row exactly the share is, evenly spread.
    static func admits(_ number: Int, share: Int) -> Bool {
        let place = number & (whole - 1)
        return place * share / whole != (place + 1) * share / whole
    }

    func checkInvariants() {
        precondition((Self.least...Self.whole).contains(share), "the admitted share is \(share)")
    }
}
