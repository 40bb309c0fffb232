public import Logging

/// A request's id, as it stands in all log lines about the request and in its answer's `X-Request-ID`.
public enum RequestID {
    /// The key under which log lines have it.
    public static let metadataKey = "request_id"
    /// The longest that a proxy may name.
    static let longest = 64

    /// The id of the request that this task answers; nil in all others.
    @TaskLocal static var current: String?

    /// Puts the id of the request that is being answered into whatever is logged meanwhile, by whichever part of the server.
    public static let metadataProvider = Logger.MetadataProvider {
        current.map { [metadataKey: .string($0)] } ?? [:]
    }

    /// An id that hardly any other request has. It is random: what counts requests would tell everybody how many others come.
    ///
    /// Thirteen characters fit into a string without memory of its own.
    static func make() -> String { String(UInt64.random(in: .min ... .max), radix: 36) }

    /// An id that somebody else gave, if it is short and harmless in logs and headers.
    static func accepting(_ text: String) -> String? {
        let isSane = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isSane && (1...longest).contains(text.utf8.count) ? text : nil
    }
}
