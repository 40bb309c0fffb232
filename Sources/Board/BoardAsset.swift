import Crypto

/// One file of the page as it goes out.
struct BoardAsset: Sendable {
    /// Where it is served.
    let path: String
    let contentType: String
    let bytes: [UInt8]
    /// A strong validator: equal bytes have equal tags, whatever binary serves them.
    let entityTag: String

    /// - Parameter name: the file's name; its extension gives the content type.
    /// - Parameter path: where it is served; below `/board/` under its name if nil.
    init(_ name: String, _ bytes: [UInt8], at path: String? = nil) {
        self.path = path ?? "/board/\(name)"
        self.bytes = bytes
        contentType =
            switch name.split(separator: ".").last {
            case "html"?: "text/html; charset=utf-8"
            case "css"?: "text/css; charset=utf-8"
            case "js"?: "text/javascript; charset=utf-8"
            case "svg"?: "image/svg+xml"
            default: preconditionFailure("\(name) has no content type: name its extension here")
            }
        let digits = Array("0123456789abcdef")
        entityTag =
            "\"" + String(SHA256.hash(data: bytes).prefix(12).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }) + "\""
    }

    /// Whether a browser that holds what `If-None-Match` names holds this.
    ///
    /// [RFC 9110, 13.1.2](https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2): compared weakly.
    func isHeld(by ifNoneMatch: String) -> Bool {
        ifNoneMatch.split(separator: ",").contains { candidate in
            let tag = candidate.drop(while: { $0 == " " }).reversed().drop(while: { $0 == " " }).reversed()
            let text = String(tag)
            return text == "*" || (text.hasPrefix("W/") ? String(text.dropFirst(2)) : text) == entityTag
        }
    }
}
