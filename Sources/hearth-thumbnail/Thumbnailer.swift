import CGD
import MediaCore

/// Makes one thumbnail and ends: `hearth-thumbnail SIZE <ORIGINAL >THUMBNAIL`. ``ThumbnailerVerdict`` is what its exit status says.
///
/// Decoders of images are where memory gets broken. So this is a program of its own, started for one image by the server: it gives up
/// files, processes, most memory and time before it looks at a byte, checks the claimed size before it decodes, and whatever becomes
/// of it is one failed request.
@main
enum Thumbnailer {
    static func main() {
        Confinement.limitItself()
        let words = CommandLine.arguments
        guard words.count == 2, let size = ThumbnailSize(words[1]) else { end(.failed) }
        guard let original = MappedInput() else { end(.failed) }
        Confinement.giveUpSystemCalls()
        switch ImageHeader.read(original.bytes) {
        case .unknown, .incomplete: end(.undecodable)
        case .image(let header):
            if header.isTooLarge { end(.tooLarge) }
            guard let image = DecodedImage(original.bytes, format: header.format) else { end(.undecodable) }
            guard let thumbnail = image.thumbnail(of: size, orientation: header.orientation) else { end(.undecodable) }
            end(thumbnail.writeToStandardOutput() ? .made : .failed)
        }
    }

    private static func end(_ verdict: ThumbnailerVerdict) -> Never { exit(verdict.rawValue) }
}
