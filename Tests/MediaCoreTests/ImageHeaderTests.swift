import Testing

@testable import MediaCore

@Suite("Headers of images")
struct ImageHeaderTests {
    static func png(_ width: Int, _ height: Int) -> [UInt8] {
        [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 0, 0, 0, 13] + Array("IHDR".utf8) + big32(width) + big32(height) + [
            8, 2, 0, 0, 0,
        ]
    }

    static func gif(screen: (Int, Int), frame: (Int, Int), palette: Bool = false) -> [UInt8] {
        let tables: [UInt8] = palette ? [0x81, 0, 0] + [UInt8](repeating: 7, count: 12) : [0, 0, 0]
        let comment: [UInt8] = [0x21, 0xFE, 3, 65, 66, 67, 2, 65, 66, 0]
        return Array("GIF89a".utf8) + little16(screen.0) + little16(screen.1) + tables + comment + [0x2C, 0, 0, 0, 0]
            + little16(frame.0) + little16(frame.1)
    }

    static func webp(_ chunk: String, _ bytes: [UInt8]) -> [UInt8] {
        Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBP".utf8) + Array(chunk.utf8) + [0, 0, 0, 0] + bytes
    }

    /// A JPEG up to its frame, with an orientation if one is given, and a comment in between.
    static func jpeg(_ width: Int, _ height: Int, orientation: Int? = nil, isLittle: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = [0xFF, 0xD8]
        if let orientation {
            let number16 = isLittle ? little16 : big16
            let tiff: [UInt8] =
                (isLittle ? Array("II".utf8) : Array("MM".utf8)) + number16(42)
                + (isLittle ? little16(8) + [0, 0] : [0, 0] + big16(8)) + number16(2)
                + number16(0x010F) + [UInt8](repeating: 1, count: 10)
                + number16(0x0112) + number16(3) + [0, 0, 0, 0] + number16(orientation) + [0, 0]
            let segment = Array("Exif".utf8) + [0, 0] + tiff
            bytes += [0xFF, 0xE1] + big16(segment.count + 2) + segment
        }
        bytes += [0xFF, 0xFE, 0, 5, 65, 66, 67, 0xFF, 0xFF, 0xC2, 0, 17, 8] + big16(height) + big16(width)
        return bytes
    }

    static func big16(_ number: Int) -> [UInt8] { [UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)] }
    static func big32(_ number: Int) -> [UInt8] { big16(number >> 16) + big16(number) }
    static func little16(_ number: Int) -> [UInt8] { big16(number).reversed() }

    private static let images: [(bytes: [UInt8], format: ImageFormat, width: Int, height: Int)] = [
        (png(640, 480), .png, 640, 480), (png(0x7FFF_FFFF, 1), .png, 0x7FFF_FFFF, 1),
        (gif(screen: (10, 20), frame: (10, 20)), .gif, 10, 20),
        (gif(screen: (10, 20), frame: (65_535, 3), palette: true), .gif, 65_535, 20),
        (webp("VP8 ", [0, 0, 0, 0x9D, 1, 0x2A] + little16(0x4000 | 300) + little16(200)), .webp, 300, 200),
        (webp("VP8L", [0x2F] + [0x2B, 0xC1, 0x31, 0]), .webp, 300, 200),
        (webp("VP8X", [0, 0, 0, 0, 43, 1, 0, 199, 0, 0]), .webp, 300, 200),
        (jpeg(300, 200), .jpeg, 300, 200), (jpeg(300, 200, orientation: 6), .jpeg, 300, 200),
    ]

    @Test("format and size are told by the bytes alone", arguments: images.indices)
    func sizes(index: Int) {
        let (bytes, format, width, height) = Self.images[index]
        guard case .image(let header) = ImageHeader.read(bytes) else {
            Issue.record("\(format) \(index): \(ImageHeader.read(bytes))")
            return
        }
        #expect(header.format == format)
        #expect(header.width == width)
        #expect(header.height == height)
    }

    @Test("a header that is cut off anywhere is incomplete or unknown, never wrong and never a trap", arguments: images.indices)
    func cutOff(index: Int) {
        let (bytes, format, _, _) = Self.images[index]
        let whole = ImageHeader.read(bytes)
        for count in 0..<bytes.count {
            let reading = ImageHeader.read(bytes.prefix(count))
            if count < ImageFormat.signatureLength, format == .webp { #expect(reading == .unknown) }
            #expect(reading != whole || count >= bytes.count - 5, "\(count) of \(bytes.count) bytes")
        }
    }

    @Test("random bytes, and headers with random faults, never trap and never claim a side of 0")
    func faults() {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SplitMix(state: seed)
        for _ in 0..<20_000 {
            var bytes = Self.images[Int(random.next() % UInt64(Self.images.count))].bytes
            for _ in 0..<(random.next() % 6) { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() & 0xFF) }
            if case .image(let header) = ImageHeader.read(bytes) {
                #expect(header.width > 0 && header.height > 0, "seed \(seed)")
            }
        }
    }

    @Test(
        "an image may have fifty million pixels and no more",
        arguments: [(8000, 6250, false), (8000, 6251, true), (0x7FFF_FFFF, 0x7FFF_FFFF, true)])
    func limit(width: Int, height: Int, isTooLarge: Bool) {
        #expect(ImageHeader(format: .png, width: width, height: height)?.isTooLarge == isTooLarge)
    }

    @Test("the orientation of a photograph is read in both byte orders; one that makes no sense counts as upright")
    func orientation() {
        for isLittle in [false, true] {
            for number in 0...9 {
                guard case .image(let header) = ImageHeader.read(Self.jpeg(3, 2, orientation: number, isLittle: isLittle)) else {
                    Issue.record("no image")
                    return
                }
                #expect(header.orientation == ImageOrientation(rawValue: number) ?? .upright)
            }
        }
    }

    @Test("other files are no images, whatever they are called")
    func others() {
        for text in ["", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "%PDF-1.7", "BM", "RIFF    WAVE", "GIF88a", "II*\u{0}"] {
            #expect(ImageHeader.read(Array(text.utf8)) == .unknown)
        }
    }
}

/// A small generator whose sequence a seed repeats.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
