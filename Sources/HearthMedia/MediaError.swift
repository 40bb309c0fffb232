/// Why content could not be taken or handed out.
public enum MediaError: Error, Equatable {
    /// There is no such content here; that of other servers is not fetched.
    case notFound
    /// The id exists and its content has not come in time.
    case notYetUploaded
    /// The id has its content, which is never replaced.
    case alreadyUploaded
    /// The id is another user's.
    case notYours
    /// Larger than so many bytes.
    case tooLarge(limit: Int)
    /// The user has uploaded as much as is allowed.
    case quotaExceeded(limit: Int)
    /// The user has uploaded this many files.
    case tooManyFiles(limit: Int)
    /// The user has this many ids that wait for their content.
    case tooManyUnused(limit: Int)
    /// The user has this many uploads under way.
    case tooManyUploads(limit: Int)
    /// The request ended before its file did.
    case brokenOff
    /// The file system refuses: full, or broken.
    case storage(FileFailure)
    /// Too much waits for the disk, or for thumbnails.
    case busy
    /// No thumbnail can be made of this content.
    case noThumbnail
    /// The content is too large to make a thumbnail of.
    case tooLargeForThumbnail
    /// The client went away while it waited.
    case clientGone
    case shuttingDown
}
