/// What the header of an image says of it, read without decoding the image.
///
/// A few bytes can claim a gigabyte of pixels. So the claim is read first, by code that allocates nothing for it, and a decoder sees
/// only images whose claim is within ``mostPixels``.
public struct ImageHeader: Sendable, Equatable {
    public let format: ImageFormat
    /// Pixels, 1 or more, as stored: not yet turned.
    public let width: Int
    public let height: Int
    public let orientation: ImageOrientation

    /// The most pixels of an image that is decoded.
    public static let mostPixels = 50_000_000

    public var isTooLarge: Bool { width > Self.mostPixels / height }

    init?(format: ImageFormat, width: Int, height: Int, orientation: ImageOrientation = .upright) {
        guard width > 0, height > 0 else { return nil }
        self.format = format
        self.width = width
        self.height = height
        self.orientation = orientation
    }

    /// What the beginning of a file told.
    public enum Reading: Sendable, Equatable {
        case image(ImageHeader)
        /// The header is longer than the bytes that were given: more have to be read.
        case incomplete
        /// No image of a known format.
        case unknown
    }

    /// Reads the header of a file from its first bytes, or from all of it.
    public static func read<Bytes: RandomAccessCollection<UInt8>>(_ bytes: Bytes) -> Reading
    where Bytes.SubSequence: RandomAccessCollection {
        guard let format = ImageFormat(sniffing: bytes) else { return .unknown }
        let reader = ByteReader(bytes)
        do throws(ByteReaderEnd) {
            let header =
                switch format {
                case .png: try png(reader)
                case .gif: try gif(reader)
                case .webp: try webp(reader)
                case .jpeg: try jpeg(reader)
                }
            return header.map { .image($0) } ?? .unknown
        } catch {
            return .incomplete
        }
    }

    /// [PNG, section 11.2.1](https://www.w3.org/TR/png/#11IHDR): the first chunk is IHDR.
    private static func png<Bytes>(_ reader: ByteReader<Bytes>) throws(ByteReaderEnd) -> ImageHeader? {
        guard try reader.holds("IHDR", at: 12) else { return nil }
        return ImageHeader(format: .png, width: try reader.big32(at: 16), height: try reader.big32(at: 20))
    }

    /// The larger of the screen and the first frame, which may differ.
    private static func gif<Bytes>(_ reader: ByteReader<Bytes>) throws(ByteReaderEnd) -> ImageHeader? {
        var (width, height) = (try reader.little16(at: 6), try reader.little16(at: 8))
        let flags = try reader.byte(at: 10)
        var offset = 13 + (flags & 0x80 != 0 ? 3 << (Int(flags & 7) + 1) : 0)
        while try reader.byte(at: offset) == 0x21 {
            offset += 2
            while case let length = try reader.byte(at: offset), length != 0 { offset += 1 + Int(length) }
            offset += 1
        }
        guard try reader.byte(at: offset) == 0x2C else { return nil }
        width = max(width, try reader.little16(at: offset + 5))
        height = max(height, try reader.little16(at: offset + 7))
        return ImageHeader(format: .gif, width: width, height: height)
    }

    /// [WebP container](https://developers.google.com/speed/webp/docs/riff_container).
    private static func webp<Bytes>(_ reader: ByteReader<Bytes>) throws(ByteReaderEnd) -> ImageHeader? {
        if try reader.holds("VP8 ", at: 12) {
            return ImageHeader(
                format: .webp, width: try reader.little16(at: 26) & 0x3FFF, height: try reader.little16(at: 28) & 0x3FFF)
        }
        if try reader.holds("VP8L", at: 12) {
            let bits = try reader.little32(at: 21)
            return ImageHeader(format: .webp, width: (bits & 0x3FFF) + 1, height: (bits >> 14 & 0x3FFF) + 1)
        }
        guard try reader.holds("VP8X", at: 12) else { return nil }
        return ImageHeader(
            format: .webp, width: try reader.little24(at: 24) + 1, height: try reader.little24(at: 27) + 1)
    }

    /// The segments up to the first frame header; one of them may hold the orientation.
    private static func jpeg<Bytes>(_ reader: ByteReader<Bytes>) throws(ByteReaderEnd) -> ImageHeader?
    where Bytes.SubSequence: RandomAccessCollection {
        var orientation = ImageOrientation.upright
        var offset = 2
        while true {
            guard try reader.byte(at: offset) == 0xFF else { return nil }
            let marker = try reader.byte(at: offset + 1)
            switch marker {
            case 0xFF: offset += 1  // fill
            case 0x01, 0xD0...0xD7: offset += 2  // no length
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                return ImageHeader(
                    format: .jpeg, width: try reader.big16(at: offset + 7), height: try reader.big16(at: offset + 5),
                    orientation: orientation)
            case 0xD8, 0xD9, 0xDA, 0x00: return nil  // a scan, or the end, before any frame
            default:
                let length = try reader.big16(at: offset + 2)
                guard length >= 2 else { return nil }
                let segment = reader.part(at: offset + 4, count: length - 2)
                if marker == 0xE1, let found = ImageOrientation(exif: segment) {
                    orientation = found
                }
                offset += 2 + length
            }
        }
    }
}
