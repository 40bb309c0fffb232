/// How the program that makes thumbnails ends: its exit status.
///
/// It is called with one argument, a ``ThumbnailSize`` as text. The original is its standard input, a file; the thumbnail, PNG or
/// JPEG, is what it writes to its standard output.
public enum ThumbnailerVerdict: Int32, Sendable {
    case made = 0
    /// Called wrongly, or the machine did not give it what it needs.
    case failed = 70
    /// No image, or one that cannot be decoded.
    case undecodable = 65
    /// More pixels than ``ImageHeader/mostPixels``.
    case tooLarge = 66

    /// Bytes of the largest original that it takes.
    public static let largestOriginal = 100 * 1024 * 1024
    /// Bytes of the largest thumbnail that is taken from it.
    public static let largestThumbnail = 4 * 1024 * 1024
}
