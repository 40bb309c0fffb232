import HTTPTypes

/// Finds the access token of a request: in `Authorization: Bearer`, else in the query's `access_token`.
///
/// [Using access tokens](https://spec.matrix.org/v1.16/client-server-api/#using-access-tokens).
enum AccessToken {
    static func find(in headers: HTTPFields, query: QueryParameters) -> String? {
        if let header = headers[.authorization], let token = bearerToken(header) { return token }
        guard let token = query["access_token"], !token.isEmpty else { return nil }
        return token
    }

    /// The scheme's name is matched without regard to case (RFC 9110).
    static func bearerToken(_ header: String) -> String? {
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let token = parts[1].drop { $0 == " " }
        return token.isEmpty ? nil : String(token)
    }
}
