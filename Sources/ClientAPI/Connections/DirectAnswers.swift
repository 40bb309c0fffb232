import HTTPTypes
import HearthRuntime
import HearthServices
import HummingbirdCore
public import Logging
import MatrixModel
import NIOCore
import Synchronization

/// What is answered from within a connection's pipeline, so that it costs no task and no switch between threads: syncs that wait for news, and
/// requests that are refused.
public final class DirectAnswers: Sendable {
    private let syncs: HeldSyncs
    private let refusals: Refusals

    public init(services: ClientServices, recorder: RequestRecorder, logger: Logger) {
        let form = DirectAnswerForm(recorder: recorder, logger: logger)
        syncs = HeldSyncs(services: services, form: form)
        refusals = Refusals(services: services, form: form)
    }

    /// A handler that puts those which answer where they belong, and comes before the one that counts a connection's requests.
    func gate() -> any RemovableChannelHandler { DirectAnswerGate(answers: self) }

    func install(in pipeline: ChannelPipeline.SynchronousOperations, gate: DirectAnswerGate) throws {
        let counting = try pipeline.handler(type: HTTPConnectionStateHandler.self)
        let reader = PollReader(gate: gate)
        let holding = HeldSyncHandler(syncs: syncs, reader: reader, gate: gate)
        let refusing = RefusalHandler(refusals: refusals, behind: holding, reader: reader, gate: gate)
        try pipeline.addHandlers([holding, refusing], position: .after(counting))
        try pipeline.addHandler(reader, position: .first)
    }
}

/// Gives an answer the form that every answer has, as it goes over the connection: with an id and the time, a line in the log and a place in
/// the metrics.
final class DirectAnswerForm: Sendable {
    /// What is recorded of a request.
    struct Request {
        let id: String
        let method: HTTPRequest.Method
        let pattern: String
        /// Nil where nobody looked.
        let user: UserID?
        let started: ContinuousClock.Instant
    }

    private let recorder: RequestRecorder
    private let logger: Logger
    private let clock = SystemClock()
    private let date = Mutex((second: Int64.min, text: ""))

    init(recorder: RequestRecorder, logger: Logger) {
        self.recorder = recorder
        self.logger = logger
    }

    func id(of headers: HTTPFields, over channel: any Channel) -> String { recorder.id(of: headers, over: channel) }

    /// The whole answer; nil for one that is not in memory, or closes its connection.
    func bytes(of answer: ClientAnswer, to request: Request) -> ByteBuffer? {
        let fields = [HTTPField(name: .xRequestID, value: request.id), HTTPField(name: .date, value: dateText())]
        guard let bytes = answer.bytes(with: fields, to: request.method) else { return nil }
        var logger = logger
        if logger.logLevel <= .debug { logger[metadataKey: RequestID.metadataKey] = "\(request.id)" }
        recorder.answered(
            request.method, pattern: request.pattern, status: answer.status.code, for: request.user,
            took: ContinuousClock.now - request.started, logger: logger)
        return bytes
    }

    /// The time, as every answer tells it; made anew once a second.
    private func dateText() -> String {
        let now = clock.now().wall
        let second = now.milliseconds / 1000
        return date.withLock { date in
            if date.second != second { date = (second, HTTPDate.text(of: now)) }
            return date.text
        }
    }
}
