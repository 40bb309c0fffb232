public import MatrixModel

/// A point between two positions of the stream, from which a client may go on. Clients hold it as a ``ClientToken``, which names its epoch.
///
/// The token of position p stands after p: a sync from it tells what came after p, paging back from it tells p and what came
/// before. The token of a sync also holds what it knew of typing, once anybody has typed: `s12_34`. One whose answer could not take
/// all messages to the device holds how far it came with them: `s12d7`, `s12_34d7`. One that knows of profiles holds which fields were asked
/// for (``ProfileFields/digest``): `s12p567`, `s12_34d7p567`.
public struct SyncToken: Hashable, Sendable {
    public let position: StreamPosition
    /// Up to where it knows who is typing; nil if it never heard of typing.
    public let ephemeral: EphemeralPosition?
    /// Up to where it has got messages to the device, where that is before `position`; nil otherwise.
    public let toDevice: StreamPosition?
    /// Of which fields of profiles it knows; nil if none were asked for.
    public var profiles: UInt32?
    /// The epoch whose token it came of, where that is over; nil for the present one.
    public private(set) var epoch: StreamEpoch?

    public init(
        _ position: StreamPosition, ephemeral: EphemeralPosition? = nil, toDevice: StreamPosition? = nil, profiles: UInt32? = nil
    ) {
        self.position = position
        self.ephemeral = ephemeral
        self.toDevice = toDevice
        self.profiles = profiles
    }

    /// The same point, as of a token of another epoch.
    func given(in epoch: StreamEpoch?) -> SyncToken {
        var point = self
        point.epoch = epoch
        return point
    }

    /// Parses what ``description`` wrote; nil for any other text.
    init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "s") else { return nil }
        if let position = Self.plainPosition(text.utf8.dropFirst()) {
            (self.position, ephemeral, toDevice, profiles) = (position, nil, nil, nil)
            return
        }
        let halves = text.dropFirst().split(separator: "p", omittingEmptySubsequences: false)
        let parts = (halves.first ?? "").split(separator: "d", omittingEmptySubsequences: false)
        let numbers = (parts.first ?? "").split(separator: "_", omittingEmptySubsequences: false).map { Int64($0) }
        guard (1...2).contains(halves.count), (1...2).contains(parts.count), (1...2).contains(numbers.count),
            let first = numbers[0], first >= 0
        else {
            return nil
        }
        position = StreamPosition(first)
        ephemeral = numbers.dropFirst().first.flatMap { $0 }.map { EphemeralPosition($0) }
        toDevice = parts.dropFirst().first.flatMap { Int64($0) }.map { StreamPosition($0) }
        profiles = halves.dropFirst().first.flatMap { UInt32($0) }
        if ephemeral.map({ $0.rawValue < 0 }) == true || toDevice.map({ !(.zero..<position).contains($0) }) == true { return nil }
        if !description.hasSameBytes(as: text) { return nil }
    }

    /// A position alone, as most tokens have it, with no zeros before it.
    private static func plainPosition(_ digits: Substring.UTF8View) -> StreamPosition? {
        // Eighteen digits cannot overflow.
        guard (1...18).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
        var position: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            position = position * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return StreamPosition(position)
    }

    /// Up to where it has got messages to the device.
    public var delivered: StreamPosition { toDevice ?? position }

    /// As it stands in a token, without its epoch.
    var description: String {
        var text = "s" + String(position.rawValue)
        if let ephemeral { text += "_\(ephemeral.rawValue)" }
        if let toDevice { text += "d\(toDevice.rawValue)" }
        if let profiles { text += "p\(profiles)" }
        return text
    }
}
