/// Secrets from the system's secure generator.
package enum SecureRandom {
    package static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// Letters, 5.7 bits each.
    package static func letters(_ count: Int) -> String {
        text(count, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    }

    /// Text of `count` characters out of an alphabet.
    package static func text(_ count: Int, of alphabet: StaticString) -> String {
        var generator = SystemRandomNumberGenerator()
        let letters = Array("\(alphabet)".utf8)
        let drawn = (0..<count).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] }
        return String(decoding: drawn, as: UTF8.self)
    }
}
