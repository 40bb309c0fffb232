/// Takes requests to push gateways; what speaks HTTP is an edge.
public protocol PushGatewayClient: Sendable {
    /// Posts a JSON body and returns what was answered, whatever its status.
    ///
    /// Follows no redirect, connects to no address that is not allowed, and returns within half a minute.
    func post(_ body: [UInt8], to url: GatewayURL) async throws(PushGatewayError) -> GatewayResponse

    /// Ends all connections; nothing is posted after that.
    func shutDown() async
}

/// What a gateway answered.
public struct GatewayResponse: Sendable {
    public let status: Int
    public let body: [UInt8]

    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Why a gateway could not be asked. The texts name nothing of what was sent.
public enum PushGatewayError: Error, Equatable, CustomStringConvertible {
    /// The server stops.
    case cancelled
    case unknownHost
    /// All addresses of the host are private, local or reserved.
    case forbiddenAddress
    case timedOut
    case answerTooLarge
    case connectionFailed

    public var description: String {
        switch self {
        case .cancelled: "the server stops"
        case .unknownHost: "the host's name has no address"
        case .forbiddenAddress: "the host has no public address (push.allow_private is off)"
        case .timedOut: "no answer in time"
        case .answerTooLarge: "the answer is too large"
        case .connectionFailed: "no connection"
        }
    }
}
