public import Logging
import Synchronization

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

    /// An id that hardly any other request has. It looks random: what counts requests would tell everybody how many others come.
    ///
    /// It is a keyed hash (SipHash) of their number: to ask the system for randomness costs each request a call of it. Thirteen characters fit
    /// into a string without memory of its own.
    static func make() -> String {
        var hasher = Hasher()
        hasher.combine(key.0)
        hasher.combine(key.1)
        hasher.combine(count.add(1, ordering: .relaxed).newValue)
        return String(UInt(bitPattern: hasher.finalize()), radix: 36)
    }

    /// Known to this process alone.
    private static let key = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
    private static let count = Atomic<UInt64>(0)

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
