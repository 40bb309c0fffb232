import Foundation

/// Base64 without padding. Foundation stays in this file.
enum UnpaddedBase64 {
    static func encode(_ bytes: [UInt8]) -> String {
        String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
    }

    /// In the alphabet that needs no escaping in a URL.
    static func encodeURLSafe(_ bytes: [UInt8]) -> String {
        String(
            encode(bytes).map { character -> Character in
                switch character {
                case "+": "-"
                case "/": "_"
                default: character
                }
            })
    }

    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: String(text) + padding).map { Array($0) }
    }
}
