/// The `Content-Disposition` of a file: whether a browser may show it in place, and what it is called.
///
/// [RFC 6266](https://www.rfc-editor.org/rfc/rfc6266): `filename` in plain ASCII for everybody, and `filename*` in UTF-8 where that
/// says more. A name is data: whatever a user put into it, no byte of it ends the parameter or the header.
enum ContentDisposition {
    static func inline(_ fileName: String?) -> String { "inline" + parameters(fileName) }
    static func attachment(_ fileName: String?) -> String { "attachment" + parameters(fileName) }

    /// For content of this type.
    static func header(contentType: String, fileName: String?) -> String {
        isShownInline(contentType) ? inline(fileName) : attachment(fileName)
    }

    /// Whether the type is among those that browsers may show: none of them runs scripts.
    ///
    /// [Serving inline content](https://spec.matrix.org/v1.16/client-server-api/#serving-inline-content).
    static func isShownInline(_ contentType: String) -> Bool {
        let essence = contentType.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        return inlineTypes.contains(essence)
    }

    private static let inlineTypes: Set<String> = [
        "text/css", "text/plain", "text/csv", "application/json", "application/ld+json",
        "image/jpeg", "image/gif", "image/png", "image/apng", "image/webp", "image/avif",
        "video/mp4", "video/webm", "video/ogg", "video/quicktime",
        "audio/mp4", "audio/webm", "audio/aac", "audio/mpeg", "audio/ogg", "audio/wave", "audio/wav", "audio/x-wav",
        "audio/x-pn-wav", "audio/flac", "audio/x-flac",
    ]

    private static func parameters(_ fileName: String?) -> String {
        guard let fileName, !fileName.isEmpty else { return "" }
        let plain = fileName.unicodeScalars.map { isPlain($0) ? Character($0) : "_" }
        let text = "; filename=\"\(String(plain))\""
        return plain.elementsEqual(fileName) ? text : text + "; filename*=UTF-8''\(encoded(fileName))"
    }

    /// What stands inside quotes for itself, in every browser, and is no part of a path.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        (0x20...0x7E).contains(scalar.value) && !["\"", "\\", "%", "/", ":", ";", "<", ">"].contains(scalar)
    }

    /// [RFC 8187, section 3.2](https://www.rfc-editor.org/rfc/rfc8187#section-3.2).
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte)
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
