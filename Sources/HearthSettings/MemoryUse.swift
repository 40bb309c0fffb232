/// What memory is lent for. Each has a part of the budget to itself, so that none takes what another needs.
public enum MemoryUse: Sendable, CaseIterable {
    /// The bodies of requests with a valid access token.
    case bodies
    /// The bodies of all others.
    case strangersBodies
    case answers

    /// Of the budget.
    private var sixteenths: Int {
        switch self {
        case .bodies: 7
        case .strangersBodies: 1
        case .answers: 8
        }
    }

    package func part(of budget: Int) -> Int { budget / 16 * sixteenths }

    /// The least budget whose part is so large.
    package func whole(ofPart bytes: Int) -> Int { (bytes + sixteenths - 1) / sixteenths * 16 }

    /// A JSON value takes several times its text.
    package static let jsonGrowth = 4

    /// Bytes of the largest body for which there is room within buffers of so many bytes, where no other is sent.
    package static func largestBody(within buffers: Int) -> Int { bodies.part(of: buffers) / jsonGrowth }

    /// How large buffers have to be for such a body.
    package static func buffers(for largestBody: Int) -> Int { bodies.whole(ofPart: largestBody * jsonGrowth) }
}
