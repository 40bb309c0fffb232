/// Random identifiers that nobody can guess.
enum RandomID {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".unicodeScalars)

    /// Letters from the system's secure generator: 5.7 bits each.
    static func make(length: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        var id = String.UnicodeScalarView()
        for _ in 0..<length { id.append(letters[Int.random(in: 0..<letters.count, using: &generator)]) }
        return String(id)
    }
}
