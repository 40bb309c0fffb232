/// A client's name without its version: what of a `User-Agent` is worth a label of its own. Pure.
///
/// Clients call themselves what they like, so that only names of a fixed list become labels: whoever makes names up gets `other`, and takes
/// no label from anybody.
package enum ClientFamily {
    package static let others = "other"
    /// Of a client that does not say its name.
    package static let unnamed = "unknown"

    /// The product's name, as the list spells it: `Element/1.11.2 (...)` and `element/1.12` are both `Element`. `other` for what is not in the
    /// list, `unknown` where there is no name.
    package static func name(of client: String) -> String {
        let product = client.utf8.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: " ") }
        if product.isEmpty { return unnamed }
        guard product.count <= longest else { return others }
        let bytes = product.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        return known[String(decoding: bytes, as: UTF8.self)] ?? others
    }

    /// Clients, and the libraries that speak for those which do not say their name. Browsers are `Mozilla`.
    private static let names = [
        "AsyncHTTPClient", "Beeper", "CFNetwork", "Chatty", "Cinny", "curl", "Dart", "Element", "ElementX", "Ement", "FluffyChat",
        "Fractal", "Go-http-client", "gomuks", "Hearth", "Hydrogen", "iamb", "libcurl", "matrix-commander", "matrix-js-sdk",
        "matrix-nio", "matrix-rust-sdk", "mautrix", "maunium", "Mozilla", "mtxclient", "NeoChat", "nheko", "node", "okhttp",
        "Palaver", "Pidgin", "Python", "python-requests", "Quaternion", "reqwest", "SchildiChat", "SchildiNext", "Syphon",
        "Thunderbird",
        "Trixnity", "undici", "WeeChat", "weechat-matrix",
    ]
    private static let known = Dictionary(uniqueKeysWithValues: names.map { ($0.lowercased(), $0) })
    private static let longest = names.map(\.utf8.count).max() ?? 0
}
