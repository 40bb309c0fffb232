import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Asks the system for the addresses of a host, on a thread that may block; whoever asks does not wait for it once cancelled.
enum HostAddresses {
    /// The addresses as texts, in the order in which the system would try them; none for a name that has none.
    static func resolve(_ host: String) async throws -> [String] {
        let answer = Answer()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard answer.wait(continuation) else { return }
                NIOThreadPool.singleton.submit { state in
                    answer.complete(with: state == .active ? .success(lookUp(host)) : .failure(CancellationError()))
                }
            }
        } onCancel: {
            answer.complete(with: .failure(CancellationError()))
        }
    }

    private static func lookUp(_ host: String) -> [String] {
        var hints = addrinfo()
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0, let first else { return [] }
        defer { freeaddrinfo(first) }
        var addresses: [String] = []
        for entry in sequence(first: first, next: \.pointee.ai_next) {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let result = getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            guard result == 0 else { continue }
            addresses.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        return addresses
    }

    /// Completes a continuation once, by whoever comes first.
    private final class Answer: Sendable {
        private enum State {
            case idle
            case waiting(CheckedContinuation<[String], any Error>)
            case done
        }

        private let state = Mutex(State.idle)

        /// False when the answer is there already: the continuation was completed with a cancellation.
        func wait(_ continuation: CheckedContinuation<[String], any Error>) -> Bool {
            let isDone = state.withLock { state -> Bool in
                if case .done = state { return true }
                state = .waiting(continuation)
                return false
            }
            if isDone { continuation.resume(throwing: CancellationError()) }
            return !isDone
        }

        func complete(with result: Result<[String], any Error>) {
            let waiting = state.withLock { state -> CheckedContinuation<[String], any Error>? in
                defer { state = .done }
                if case .waiting(let continuation) = state { return continuation }
                return nil
            }
            waiting?.resume(with: result)
        }
    }
}
