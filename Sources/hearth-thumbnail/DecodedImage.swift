import CGD
import MediaCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An image as pixels. Never freed: the program makes one thumbnail and ends.
struct DecodedImage {
    private let image: gdImagePtr

    private init?(_ image: gdImagePtr?) {
        guard let image else { return nil }
        self.image = image
    }

    /// Decodes the first frame; nil when the decoder refuses.
    init?(_ bytes: UnsafeRawBufferPointer, format: ImageFormat) {
        hearth_silence_gd()
        // It takes a mutable pointer and only reads.
        guard let count = Int32(exactly: bytes.count), let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress) else {
            return nil
        }
        let decoded =
            switch format {
            case .png: gdImageCreateFromPngPtr(count, start)
            case .jpeg: gdImageCreateFromJpegPtr(count, start)
            case .gif: gdImageCreateFromGifPtr(count, start)
            case .webp: gdImageCreateFromWebpPtr(count, start)
            }
        self.init(decoded)
        guard gdImagePaletteToTrueColor(image) != 0 else { return nil }
    }

    /// The image cut and scaled, then turned upright: turning is cheap once it is small.
    func thumbnail(of size: ThumbnailSize, orientation: ImageOrientation) -> DecodedImage? {
        let (width, height) = (Int(image.pointee.sx), Int(image.pointee.sy))
        guard width > 0, height > 0 else { return nil }
        let seen = orientation.swapsSides ? size.cut(ofWidth: height, height: width) : size.cut(ofWidth: width, height: height)
        let cut = orientation.swapsSides ? seen.withSidesSwapped : seen
        guard let small = gdImageCreateTrueColor(Int32(cut.targetWidth), Int32(cut.targetHeight)) else { return nil }
        gdImageAlphaBlending(small, 0)
        gdImageSaveAlpha(small, 1)
        gdImageCopyResampled(
            small, image, 0, 0, Int32(cut.x), Int32(cut.y), Int32(cut.targetWidth), Int32(cut.targetHeight), Int32(cut.width),
            Int32(cut.height))
        if orientation.isMirrored { gdImageFlipHorizontal(small) }
        guard orientation.quarterTurns > 0 else { return DecodedImage(small) }
        // libgd turns counterclockwise.
        return DecodedImage(gdImageRotateInterpolated(small, Float(360 - 90 * orientation.quarterTurns), 0))
    }

    /// Writes PNG where anything is transparent, else JPEG, whose quality is meant for small pictures.
    func writeToStandardOutput() -> Bool {
        var count: Int32 = 0
        gdImageSaveAlpha(image, 1)
        guard let start = isOpaque ? gdImageJpegPtr(image, &count, 82) : gdImagePngPtr(image, &count) else { return false }
        var rest = UnsafeRawBufferPointer(start: start, count: Int(count))
        while !rest.isEmpty {
            let written = write(STDOUT_FILENO, rest.baseAddress, rest.count)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        }
        return true
    }

    private var isOpaque: Bool {
        for y in 0..<image.pointee.sy {
            for x in 0..<image.pointee.sx where gdImageGetTrueColorPixel(image, x, y) >> 24 & 0x7F != 0 { return false }
        }
        return true
    }
}

extension ThumbnailCut {
    fileprivate var withSidesSwapped: Self {
        Self(x: y, y: x, width: height, height: width, targetWidth: targetHeight, targetHeight: targetWidth)
    }
}
