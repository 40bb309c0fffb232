import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel
import NIOCore

/// Refuses what the server has no time for, and what is too long, by the head alone, before a task, a body or a token is looked at: under overload, most of what comes
/// is refused, and each refusal takes from the work that was accepted.
///
/// Uploads are not decided about here but by the responder, which ends their connection: a file that is refused is not worth reading.
final class Refusals: Sendable {
    private let services: ClientServices
    private let form: DirectAnswerForm

    init(services: ClientServices, form: DirectAnswerForm) {
        self.services = services
        self.form = form
    }

    /// The longest target, path and query: twice of what proxies let through. To read one costs more than to send it.
    private static let longestTarget = 16_384

    /// The whole answer to a request that is refused; nil for one that goes on.
    func refusal(of head: HTTPRequest, over channel: any Channel) -> ByteBuffer? {
        let started = ContinuousClock.now
        if let length = head.path?.utf8.count, length > Self.longestTarget {
            let sentence = "A path and its query have at most \(Self.longestTarget) bytes."
            return bytes(
                of: ClientFailure(.uriTooLong, .tooLarge, sentence), to: head, pattern: "other", started: started, over: channel)
        }
        guard services.admission.isHoldingOff, let (workload, pattern) = Self.work(of: head) else { return nil }
        do throws(Overloaded) {
            try services.admission.admit(workload) {
                services.asker(by: head.headerFields, query: Self.query(of: head), over: channel)
            }
            return nil
        } catch {
            return bytes(of: error.failure, to: head, pattern: pattern, started: started, over: channel)
        }
    }

    private func bytes(
        of failure: ClientFailure, to head: HTTPRequest, pattern: String, started: ContinuousClock.Instant,
        over channel: any Channel
    ) -> ByteBuffer? {
        form.bytes(
            of: ClientAnswer(failure),
            to: DirectAnswerForm.Request(
                id: form.id(of: head.headerFields, over: channel), method: head.method, pattern: pattern, user: nil,
                started: started))
    }

    /// Whether the body of a request is a file.
    static func isUpload(_ head: HTTPRequest) -> Bool { Self.endpoint(of: head)?.endpoint is any UploadEndpoint.Type }

    /// What kind of work a request is; nil for one that is not decided about here.
    private static func work(of head: HTTPRequest) -> (Workload, pattern: String)? {
        guard let (endpoint, pattern) = Self.endpoint(of: head), !(endpoint is any UploadEndpoint.Type) else { return nil }
        return (endpoint.workload, pattern)
    }

    private static func query(of head: HTTPRequest) -> String? {
        guard let path = head.path, let mark = path.firstIndex(of: "?") else { return nil }
        return String(path[path.index(after: mark)...])
    }

    private static func endpoint(of head: HTTPRequest) -> (endpoint: any Endpoint.Type, pattern: String)? {
        guard let target = head.path?.prefix(while: { $0 != "?" }) else { return nil }
        do throws(ClientFailure) {
            let path = try RequestTarget(path: String(target)).path
            guard case .found(let endpoint, let pattern, _) = Endpoints.table.match(method: head.method.rawValue, path: path)
            else {
                return nil
            }
            return (endpoint, pattern)
        } catch {
            // The responder says what is wrong with it.
            return nil
        }
    }
}
