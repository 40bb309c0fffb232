public import HearthRuntime
public import HearthServices

extension ServerAssembly {
    /// - Parameters:
    ///   - thumbnailer: the path of the program that makes thumbnails.
    ///   - mostOpenFiles: how many files of media may be open at once.
    public func media(
        _ settings: MediaSettings, timeouts: Timeouts, thumbnailer: String, admission: Admission = Admission(),
        mostOpenFiles: Int = 4096
    ) throws(FileFailure) -> MediaService {
        var settings = settings
        settings.thumbnailer = thumbnailer
        settings.mostOpenFiles = mostOpenFiles
        return try MediaService(
            store: store, clock: clock, server: server, writer: writer, timeouts: timeouts, settings: settings, logger: logger,
            admission: admission)
    }
}
