public import HearthSettings
public import Hummingbird
import HummingbirdCore
public import Logging
public import NIOCore

/// The client-server API: HTTP on one side, the services' values on the other, and nothing else.
public enum ClientAPI {
    /// What answers the requests of clients.
    public static func responder(services: ClientServices) -> ClientResponder { ClientResponder(services: services) }

    /// Every method and path that is served, sorted; a path's parameters are its components that begin with a colon.
    public static var routes: [(method: String, path: String)] {
        Endpoints.all.flatMap { endpoint in endpoint.paths.map { (endpoint.method.rawValue, $0) } }
            .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
    }

    /// How long a connection may stay silent while no request of it is being answered.
    public static let idleTimeout = TimeAmount.seconds(120)

    /// How the server has to be built, so that a client that leaves frees its held request at once, one that vanished its
    /// connection after ``idleTimeout``, one that does not take its answer what that holds, and one that does not send its request what
    /// waits for it; and so that a connection that comes while it stops is nobody's without ending it.
    ///
    /// - Parameter answers: what needs no task; nil for a server that clients ask nothing.
    static func server(services: ClientServices, answers: DirectAnswers?, connections: OpenConnections) -> HTTPServerBuilder {
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                LastAnswerHandler(), services.connections.handler(), SlowReaderHandler(), ShutdownHandler(),
            ]
                + (answers.map { [$0.gate()] } ?? []) + [RequestPaceHandler(connections: connections), HandOverHandler()],
            idleTimeout: idleTimeout)
        return HTTPServerBuilder { HandedOverChannel(child: HTTP1Channel(responder: $0, configuration: configuration)) }
    }

    /// The whole edge as a service that listens and serves.
    ///
    /// - Parameter responder: ``responder(services:)``, or something that answers paths of its own and hands it the rest.
    /// - Parameter answers: what needs no task; without it, every sync goes to the responder, and only uploads are refused under overload.
    /// - Parameter connections: how many are taken at once.
    /// - Parameter connectionsPerAddress: how many of them may be one address's; nil does not look at addresses.
    /// - Parameter ready: called with `HOST:PORT` once requests are taken, with the port that the system chose for port 0.
    public static func application<Responder: HTTPResponder>(
        responder: Responder, services: ClientServices, answers: DirectAnswers?, address: HostAndPort, connections: Int,
        connectionsPerAddress: Int? = nil, logger: Logger,
        ready: @escaping @Sendable (String) async -> Void
    ) -> Application<Responder> where Responder.Context == ClientContext {
        let open = OpenConnections(
            most: connections, mostOfAddress: connectionsPerAddress ?? .max, trustedProxies: services.settings.trustedProxies,
            logger: logger)
        return Application(
            responder: responder, server: server(services: services, answers: answers, connections: open),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), backlog: 4096,
                availableConnectionsDelegate: ConnectionLimit(most: connections, connections: open, logger: logger)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? address.port
                await ready(HostAndPort(host: address.host, port: port).description)
            },
            logger: logger)
    }
}
