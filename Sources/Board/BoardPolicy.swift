import HTTPTypes

/// What a browser may do with the page: run its own scripts, talk to its own server, and nothing else.
///
/// Names, statuses and room names come from other people. The page puts them in as text only; should it ever fail to, the policy
/// still runs no script that is not the server's own, and the demand for trusted types refuses the assignment itself.
enum BoardPolicy {
    static let headers: HTTPFields = {
        var headers: HTTPFields = [
            // Always asked for again, and answered with 304 while it is the same: an upgraded server has an upgraded page.
            .cacheControl: "no-cache",
            .contentSecurityPolicy: contentSecurityPolicy,
            .xContentTypeOptions: "nosniff",
        ]
        for (name, value) in [
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ] {
            guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no field name") }
            headers[name] = value
        }
        return headers
    }()

    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "connect-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ].joined(separator: "; ")
}
