import HTTPTypes
import HearthMedia
import HearthRuntime
import HearthServices
import MatrixModel
import MediaCore

/// GET /_matrix/client/v1/media/config: how large a file may be.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediaconfig). Under its old path it asks for a token too.
enum GetMediaConfig: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.v1("media/config") + Paths.media("config")

    static func answer(_ call: ClientCall, by requester: Requester) -> ClientAnswer {
        ClientAnswer(["m.upload.size": .integer(Int64(call.services.media.settings.maxUploadSize))])
    }
}

/// GET /_matrix/client/v1/media/download/{serverName}/{mediaId}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediadownloadservernamemediaid).
enum GetDownload: UserEndpoint, DownloadEndpoint {
    static let paths = Paths.v1("media/download/:serverName/:mediaID")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try await call.download(fileName: nil)
    }
}

/// GET /_matrix/client/v1/media/download/{serverName}/{mediaId}/{fileName}: under another name.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediadownloadservernamemediaidfilename).
enum GetDownloadAs: UserEndpoint, DownloadEndpoint {
    static let paths = Paths.v1("media/download/:serverName/:mediaID/:fileName")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try await call.download(fileName: call.path.text("fileName"))
    }
}

/// GET /_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}: of PNG, JPEG, GIF and WebP; it never moves.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediathumbnailservernamemediaid).
enum GetThumbnail: UserEndpoint, DownloadEndpoint {
    static let paths = Paths.v1("media/thumbnail/:serverName/:mediaID")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try await call.thumbnail()
    }
}

/// GET /_matrix/media/v3/download/{serverName}/{mediaId}: without a token, where the operator allows it.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixmediav3downloadservernamemediaid).
enum GetOldDownload: DownloadEndpoint {
    static let paths = Paths.media("download/:serverName/:mediaID")

    static func answer(_ call: ClientCall) async throws -> ClientAnswer {
        try call.checkUnauthenticatedMedia()
        return try await call.download(fileName: nil)
    }
}

/// GET /_matrix/media/v3/download/{serverName}/{mediaId}/{fileName}: without a token, where the operator allows it.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixmediav3downloadservernamemediaidfilename).
enum GetOldDownloadAs: DownloadEndpoint {
    static let paths = Paths.media("download/:serverName/:mediaID/:fileName")

    static func answer(_ call: ClientCall) async throws -> ClientAnswer {
        try call.checkUnauthenticatedMedia()
        return try await call.download(fileName: call.path.text("fileName"))
    }
}

/// GET /_matrix/media/v3/thumbnail/{serverName}/{mediaId}: without a token, where the operator allows it.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixmediav3thumbnailservernamemediaid).
enum GetOldThumbnail: DownloadEndpoint {
    static let paths = Paths.media("thumbnail/:serverName/:mediaID")

    static func answer(_ call: ClientCall) async throws -> ClientAnswer {
        try call.checkUnauthenticatedMedia()
        return try await call.thumbnail()
    }
}

extension ClientCall {
    /// How long a request waits for content that is still to come, unless it says so.
    private static let usualWait: Int64 = 20_000

    /// - Throws: 404 `M_NOT_FOUND`, as the spec has it for content that came after the freeze.
    fileprivate func checkUnauthenticatedMedia() throws(ClientFailure) {
        guard services.settings.allowsUnauthenticatedMedia else {
            throw ClientFailure(
                .notFound, .notFound, "Content is served to logged-in users alone, below /_matrix/client/v1/media/.")
        }
    }

    /// In whose turn content is read.
    private var mediaOwner: WorkOwner { viewer.map { WorkOwner($0) } ?? WorkOwner(address) }

    /// - Parameter fileName: in place of the uploader's.
    fileprivate func download(fileName: String?) async throws -> ClientAnswer {
        let (uri, wait) = (try path.media(), try wait())
        let content = try await services.media.download(uri, wait: wait, for: mediaOwner, connection: connection)
        return .file(
            content.file, contentType: content.contentType,
            disposition: ContentDisposition.header(
                contentType: content.contentType, fileName: fileName ?? content.fileName),
            tag: String(content.hash.description.prefix(32)), for: self)
    }

    fileprivate func thumbnail() async throws -> ClientAnswer {
        let (uri, wait) = (try path.media(), try wait())
        let method = query["method"] ?? ThumbnailMethod.scale.rawValue
        guard let method = ThumbnailMethod(rawValue: method) else {
            throw ClientFailure.invalidParameter("\"method\" is crop or scale.")
        }
        // A thumbnail that moves may be asked for; one that does not is what there is.
        _ = try query.flag("animated")
        let size = ThumbnailSize.covering(width: try side("width"), height: try side("height"), method: method)
        let thumbnail = try await services.media.thumbnail(
            of: uri, size: size, wait: wait, for: mediaOwner, connection: connection)
        return .file(
            thumbnail.file, contentType: thumbnail.format.contentType,
            disposition: ContentDisposition.inline("thumbnail.\(thumbnail.format.fileExtension)"),
            tag: "\(thumbnail.hash.description.prefix(32))-\(size)", for: self)
    }

    private func side(_ name: String) throws(ClientFailure) -> Int {
        guard let side = try query.number(name) else { throw .missingParameter(name) }
        guard side > 0 else { throw .invalidParameter("\"\(name)\" is 1 or more.") }
        return side
    }

    private func wait() throws(ClientFailure) -> Duration {
        .milliseconds(try query.number("timeout_ms").map { Int64($0) } ?? Self.usualWait)
    }
}
