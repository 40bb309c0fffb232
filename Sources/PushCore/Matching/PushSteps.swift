/// What one user's own rules may still look at for one event, in bytes of its texts and entries of its lists.
///
/// A message is weighed inside the writer, for everybody in its room. However a user's rules and a message are built, they take no more than
/// this together; what comes after it does not match. The default rules look at little and are always asked.
struct PushSteps: Sendable {
    /// A hundred words that are looked for in five thousand characters, or a thousand rules and the longest text.
    static let most = 500_000

    private var left: Int

    init(_ count: Int = most) { left = count }

    /// Takes so many steps; false when they are not left, and then none are.
    mutating func take(_ count: Int) -> Bool {
        guard count <= left else {
            left = 0
            return false
        }
        left -= count
        return true
    }
}
