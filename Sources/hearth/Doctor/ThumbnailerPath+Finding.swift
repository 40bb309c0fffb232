import Homeserver

extension ThumbnailerPath {
    /// What the doctor says of it.
    var finding: Finding {
        isProgram
            ? .fine("thumbnails", "\(path) makes them")
            : .doubtful(
                "thumbnails", "\(path) is no program: there are no thumbnails",
                cure: "put \(Self.name) beside hearth, or set media.thumbnailer to where it is")
    }
}
