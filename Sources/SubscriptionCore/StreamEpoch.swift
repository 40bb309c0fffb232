/// The time from one start of a server to the next, in the life of its stream: eight letters that are drawn at random.
///
/// Positions alone do not tell two histories apart: a server that goes on from a copy of its database gives out the positions that came
/// after the copy once more. Nobody draws the same letters twice, so that a token of the history that is gone is known as such.
public struct StreamEpoch: Hashable, Sendable, CustomStringConvertible {
    /// How many letters a name has.
    public static let length = 8
    /// The time before servers had epochs. Its tokens name none.
    public static let unnamed = StreamEpoch(letters: 0)

    /// The letters as one number.
    private let letters: UInt64

    private init(letters: UInt64) { self.letters = letters }

    /// Nil for anything but eight letters of the English alphabet.
    public init?(_ name: some Sequence<UInt8>) {
        var (letters, count) = (UInt64.zero, 0)
        for byte in name {
            count += 1
            guard count <= Self.length, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) else { return nil }
            letters = letters << 8 | UInt64(byte)
        }
        guard count == Self.length else { return nil }
        self.letters = letters
    }

    public var description: String {
        if letters == 0 { return "" }
        return String(unsafeUninitializedCapacity: Self.length) { bytes in
            for index in 0..<Self.length { bytes[index] = UInt8(truncatingIfNeeded: letters >> (56 - 8 * index)) }
            return Self.length
        }
    }
}
