import Foundation

/// Small images, made by libgd: 48 by 24 pixels.
enum TestImages {
    /// Four quarters: red and green above blue and white.
    static let jpeg = decoded(
        """
        /9j/4AAQSkZJRgABAQEAYABgAAD//gA7Q1JFQVRPUjogZ2QtanBlZyB2MS4wICh1c2luZyBJSkcgSlBFRyB2NjIpLCBxdWFsaXR5ID0gNjAK/9sAQwANCQoL\
        CggNCwoLDg4NDxMgFRMSEhMnHB4XIC4pMTAuKS0sMzpKPjM2RjcsLUBXQUZMTlJTUjI+WmFaUGBKUVJP/9sAQwEODg4TERMmFRUmTzUtNU9PT09PT09PT09P\
        T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09P/8AAEQgAGAAwAwEiAAIRAQMRAf/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkK\
        C//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RV\
        VldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX2\
        9/j5+v/EAB8BAAMBAQEBAQEBAQEAAAAAAAABAgMEBQYHCAkKC//EALURAAIBAgQEAwQHBQQEAAECdwABAgMRBAUhMQYSQVEHYXETIjKBCBRCkaGxwQkjM1Lw\
        FWJy0QoWJDThJfEXGBkaJicoKSo1Njc4OTpDREVGR0hJSlNUVVZXWFlaY2RlZmdoaWpzdHV2d3h5eoKDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2\
        t7i5usLDxMXGx8jJytLT1NXW19jZ2uLj5OXm5+jp6vLz9PX29/j5+v/aAAwDAQACEQMRAD8A5+iqP9o/9Mv/AB7/AOtR/aP/AEy/8e/+tR/YGY/8+/xj/mfZ\
        /wBt4H/n5+D/AMi9XXVwf9o/9Mv/AB7/AOtXrn/CM/8AT5/5C/8Ar15uYZRjKPLzwte/VeXmfH8WVI5j7H6r73LzX6b8tt7dmc/RXQf8Iz/0+f8AkL/69H/C\
        M/8AT5/5C/8Ar15v1DEfy/iv8z47+y8V/J+K/wAzxSiiiv20+iCvouiivmuIf+Xfz/Q2pdQooor5s2P/2Q==
        """)

    static let webp = decoded(
        """
        UklGRowAAABXRUJQVlA4IIAAAAAwBgCdASowABgAPmUmj0WkIiEapABABkSyAGCKgB+AGmr/ACWS/wD8K7v/uwD+Vgfn8BjmlXmZogNAAP70GL/0cVWEG5Ax\
        A1P7WEYxuzBD8tCjzX6G/gzgRbj50G3/wQEfRH9FukVPTVf5Oxbb/dRHrUiVBNdtUgMGqc7RAAAAAA==
        """)

    /// The left half red, the right half transparent.
    static let gif = decoded(
        """
        R0lGODlhMAAYAIAAAAECA/8AACH5BAEAAAAALAAAAAAwABgAAAJHjI+pB+0Po1u0yourTrjDDQbeCIQb6Zka2qkWe7kUHMsKLdk3/ukI3/MZgA8hg9gwDpEl\
        JbNpfCpFzKnUWcUirdloV3j1IgsAOw==
        """)

    /// What a camera that was held upright makes of the picture: the same pixels, and a note to turn them.
    static let turnedJPEG =
        jpeg.prefix(2) + [
            0xFF, 0xE1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6,
            0,
            0, 0, 0, 0, 0,
        ] + jpeg.dropFirst(2)

    /// A gray PNG without compression; its header may claim another size.
    static func png(width: Int, height: Int, claiming claim: (width: Int, height: Int)? = nil) -> [UInt8] {
        var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10]
        bytes += chunk("IHDR", big32(claim?.width ?? width) + big32(claim?.height ?? height) + [8, 0, 0, 0, 0])
        var rows: [UInt8] = []
        for y in 0..<height { rows += [0] + (0..<width).map { x in UInt8(truncatingIfNeeded: x &* 3 &+ y) } }
        bytes += chunk("IDAT", zlib(rows))
        return bytes + chunk("IEND", [])
    }

    private static func decoded(_ text: String) -> [UInt8] { Array(Data(base64Encoded: text) ?? Data()) }

    private static func chunk(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        big32(bytes.count) + Array(name.utf8) + bytes + big32(Int(crc(Array(name.utf8) + bytes)))
    }

    /// Blocks that are stored as they are.
    private static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [0x78, 1]
        for start in stride(from: 0, to: bytes.count, by: 65_535) {
            let block = bytes[start..<min(start + 65_535, bytes.count)]
            let (low, high) = (UInt8(block.count & 0xFF), UInt8(block.count >> 8))
            result += [start + block.count == bytes.count ? 1 : 0, low, high, ~low, ~high] + block
        }
        var (a, b) = (1, 0)
        for byte in bytes {
            a = (a + Int(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return result + big32(b << 16 | a)
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }

    private static func big32(_ number: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }
}
