import Foundation
package import HearthSettings
import Logging

/// Where the program is that makes thumbnails: as set, or beside this one.
package struct ThumbnailerPath {
    package static let name = "hearth-thumbnail"

    package let path: String

    package init(_ settings: HearthSettings.Media) {
        let beside = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: Self.name).path
        path = settings.thumbnailer.isEmpty ? beside ?? Self.name : settings.thumbnailer
    }

    package var isProgram: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// Tells the operator if it is missing.
    func warn(logger: Logger) {
        if isProgram { return }
        logger.warning(
            "the program that makes thumbnails is missing; there are none until it is put there (media.thumbnailer)",
            metadata: ["path": "\(path)"])
    }
}
