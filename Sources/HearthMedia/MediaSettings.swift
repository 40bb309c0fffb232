public import HearthSettings

/// What content may be taken.
public struct MediaSettings: Sendable {
    /// Bytes of one upload.
    public var maxUploadSize: Int
    /// Bytes of all of a user's uploads; 0 is no limit.
    public var userQuota: Int
    /// Files of one user; 0 is no limit.
    public var userFiles: Int
    /// How long an id waits for its content.
    public var unusedLifetime: Duration
    /// Ids of one user that wait for their content.
    public var mostUnused: Int
    /// Uploads of one user that are under way.
    public var mostUploads: Int
    /// The path of the program that makes thumbnails.
    var thumbnailer = ""
    /// Files of content that are open at once; for more, requests are told to come again.
    var mostOpenFiles = 4096

    public init(
        maxUploadSize: Int = 52_428_800, userQuota: Int = 0, userFiles: Int = 0, unusedLifetime: Duration = .seconds(24 * 3600),
        mostUnused: Int = 20, mostUploads: Int = 8
    ) {
        self.maxUploadSize = maxUploadSize
        self.userQuota = userQuota
        self.userFiles = userFiles
        self.unusedLifetime = unusedLifetime
        self.mostUnused = mostUnused
        self.mostUploads = mostUploads
    }

    public init(_ settings: HearthSettings.Media) {
        self.init(maxUploadSize: settings.maxUploadSize, userQuota: settings.userQuota, userFiles: settings.userFiles)
    }
}
