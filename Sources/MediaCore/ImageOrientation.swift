/// How the stored pixels of a photograph have to be turned to be seen upright: the numbers of EXIF.
public enum ImageOrientation: Int, Sendable, CaseIterable {
    case upright = 1
    case mirrored, upsideDown, flipped, transposed, turnedLeft, transversed, turnedRight

    /// Whether width and height change places.
    public var swapsSides: Bool { rawValue >= 5 }

    /// Whether the stored pixels have to be mirrored left to right before they are turned.
    public var isMirrored: Bool { [.mirrored, .flipped, .transposed, .transversed].contains(self) }

    /// By how many quarters of a turn, clockwise, the (mirrored) pixels have to be turned.
    public var quarterTurns: Int {
        switch self {
        case .upright, .mirrored: 0
        case .turnedLeft, .transversed: 1
        case .upsideDown, .flipped: 2
        case .transposed, .turnedRight: 3
        }
    }

    /// The orientation in an EXIF segment; nil when the segment is none, or tells nothing that makes sense.
    ///
    /// EXIF 2.3, section 4.6: a TIFF header, then a directory in which tag 0x0112 is the orientation.
    init?<Bytes>(exif segment: ByteReader<Bytes>) {
        do throws(ByteReaderEnd) {
            guard try segment.holds("Exif", at: 0) else { return nil }
            let tiff = 6
            let isLittle = try segment.holds("II", at: tiff)
            let isBig = try segment.holds("MM", at: tiff)
            guard isLittle || isBig else { return nil }
            func number16(_ offset: Int) throws(ByteReaderEnd) -> Int {
                isLittle ? try segment.little16(at: offset) : try segment.big16(at: offset)
            }
            let first = isLittle ? try segment.little32(at: tiff + 4) : try segment.big32(at: tiff + 4)
            let directory = tiff + first
            for entry in 0..<(try number16(directory)) {
                let offset = directory + 2 + entry * 12
                guard try number16(offset) == 0x0112 else { continue }
                self.init(rawValue: try number16(offset + 8))
                return
            }
            return nil
        } catch {
            return nil
        }
    }
}
