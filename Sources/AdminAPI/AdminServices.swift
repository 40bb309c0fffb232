public import ClientAPI
public import HearthServices

/// Everything that the admin API is an edge of.
public struct AdminServices: Sendable {
    public let client: ClientServices
    public let watch: ServerWatch

    public init(client: ClientServices, watch: ServerWatch) {
        self.client = client
        self.watch = watch
    }
}
