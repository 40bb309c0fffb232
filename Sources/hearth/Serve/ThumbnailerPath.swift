import Foundation
import HearthServices
import Logging

/// Where the program is that makes thumbnails: as set, or beside this one.
enum ThumbnailerPath {
    static let name = "hearth-thumbnail"

    static func find(_ settings: HearthSettings.Media, logger: Logger) -> String {
        let beside = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent().appending(path: name).path
        let path = settings.thumbnailer.isEmpty ? beside ?? name : settings.thumbnailer
        if !FileManager.default.isExecutableFile(atPath: path) {
            logger.warning(
                "the program that makes thumbnails is missing; there are none until it is put there (media.thumbnailer)",
                metadata: ["path": "\(path)"])
        }
        return path
    }
}
