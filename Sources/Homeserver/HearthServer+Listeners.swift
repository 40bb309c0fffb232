import AdminAPI
import Board
package import ClientAPI
import HearthRuntime
import HearthServices
import HearthSettings
package import Hummingbird
import PrometheusText
package import ServiceLifecycle
package import UnixSignals

/// What is served where.
///
/// | listener | serves |
/// |---|---|
/// | clients (`listen.address`) | the client-server API, the board, `/health`, and the admin API unless it has its own listener |
/// | admin (`admin.listen`) | all of that: the operator's page logs in and syncs where it is |
/// | metrics (`metrics.listen`) | `/metrics` and `/health` |
extension HearthServer {
    /// Where requests are taken.
    package enum Listener: Sendable {
        case clients, admin, metrics
    }

    /// Listens and serves until SIGTERM or SIGINT; calls `ready` with the address of each listener once it takes requests.
    ///
    /// Requests that are under way then have a second to end (``ShutdownHandler``); what is left after one and a half is cancelled. The
    /// writer writes all that waits in either case, last contacts at the end.
    ///
    /// - Parameter stopping: called when the shutdown begins.
    package func run(
        control: any Service, stopping: @escaping @Sendable () -> Void = {},
        ready: @escaping @Sendable (Listener, String) async -> Void
    ) async throws {
        try await group(
            of: background + [control] + edges(ready: ready), signals: [.sigterm, .sigint], stopping: stopping
        ).run()
    }

    /// Runs the services, and answers held requests first of all when it is to stop.
    package func group(
        of services: [any Service], signals: [UnixSignal] = [], stopping: @escaping @Sendable () -> Void = {}
    ) -> ServiceGroup {
        let release = HeldRequestsRelease(
            notifier: self.services.notifier, media: self.services.media, admission: self.services.admission, stopping: stopping)
        var configuration = ServiceGroupConfiguration(
            services: services + [release], gracefulShutdownSignals: signals, logger: logger)
        configuration.maximumGracefulShutdownDuration = .milliseconds(1500)
        return ServiceGroup(configuration: configuration)
    }

    private func edges(ready: @escaping @Sendable (Listener, String) async -> Void) -> [any Service] {
        var edges: [any Service] = []
        if let registry, let address = settings.metrics.listen {
            let gauges = ServerGauges(
                watch: watch, presence: services.presence, admission: services.admission,
                connections: { [services] in services.connectionCount }, factory: registry)
            let responder = MetricsResponder {
                gauges.measure()
                return registry.render()
            }
            edges.append(
                edge(HealthResponder(check: health, before: responder), at: address, answers: nil, connections: 16) {
                    await ready(.metrics, $0)
                })
        }
        if let address = settings.admin.listen {
            edges.append(
                edge(responder(withAdmin: true), at: address, answers: answers, connections: 64) {
                    await ready(.admin, $0)
                })
        }
        edges.append(
            clientListener(connections: allotment.connections, perAddress: allotment.connectionsPerAddress) {
                await ready(.clients, $0)
            })
        return edges
    }

    /// What takes the requests of clients, and hands them to ``responder(withAdmin:)``.
    package func clientListener(
        connections: Int, perAddress: Int? = nil, ready: @escaping @Sendable (String) async -> Void
    ) -> any Service {
        edge(
            responder(withAdmin: settings.admin.listen == nil), at: settings.listen.address, answers: answers,
            connections: connections, perAddress: perAddress, ready: ready)
    }

    private var answers: DirectAnswers { DirectAnswers(services: services, recorder: recorder, logger: logger) }

    private var recorder: RequestRecorder {
        RequestRecorder(trustedProxies: settings.listen.trustedProxies, metrics: metrics)
    }

    private func edge(
        _ responder: some HTTPResponder<ClientContext>, at address: HostAndPort, answers: DirectAnswers?, connections: Int,
        perAddress: Int? = nil, ready: @escaping @Sendable (String) async -> Void
    ) -> any Service {
        ClientAPI.application(
            responder: RecordingResponder(recorder: recorder, before: responder), services: services, answers: answers,
            address: address, connections: connections, connectionsPerAddress: perAddress, logger: logger, ready: ready)
    }

    /// Everything that is served over HTTP, but for the metrics.
    package func responder(withAdmin: Bool) -> some HTTPResponder<ClientContext> {
        let board = BoardResponder(before: ClientAPI.responder(services: services), isEnabled: settings.board.isEnabled)
        let admin = AdminResponder(
            services: AdminServices(client: services, watch: watch), before: board, isServed: withAdmin)
        return HealthResponder(check: health, before: admin)
    }
}

extension MetricName {
    /// Help and buckets, as the registry takes them.
    static var descriptions: [MetricDescription] {
        all.map { metric in
            metric.name == requestSeconds
                ? MetricDescription(metric.name, metric.help, buckets: requestBuckets)
                : MetricDescription(metric.name, metric.help)
        }
    }
}
