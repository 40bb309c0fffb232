import HTTPTypes

/// What browsers need to let a web client read an answer.
///
/// [Web browser clients](https://spec.matrix.org/v1.16/client-server-api/#web-browser-clients).
enum CrossOrigin {
    static let headers: HTTPFields = [
        .accessControlAllowOrigin: "*",
        .accessControlAllowMethods: "GET, POST, PUT, DELETE, OPTIONS",
        .accessControlAllowHeaders: "X-Requested-With, Content-Type, Authorization",
    ]

    /// What a page may read of an answer that tells when to come again; stands in such answers alone.
    static let exposed = "Retry-After"
}
