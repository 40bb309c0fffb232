import HearthRuntime
import HearthServices
import HearthSettings
import Hummingbird
import NIOCore

/// The body of a request, whole and in memory, and the memory that is lent for it.
///
/// Small bodies are not counted. Of larger ones memory is lent for what has come: announcing much takes nothing from others.
struct CollectedBody {
    /// How much of a body is taken, and from where the memory for it comes.
    struct Allowance {
        let use: MemoryUse
        /// Bytes; more is 413.
        let limit: Int
        /// Bytes that are not counted.
        let small: Int
        /// Memory is lent in steps of this.
        let step: Int

        /// Of a request with a valid access token.
        static func user(limit: Int) -> Self { Self(use: .bodies, limit: limit, small: 16 * 1024, step: 64 * 1024) }
        /// Of all others: a log-in or a registration is much smaller.
        static func stranger(limit: Int) -> Self {
            Self(use: .strangersBodies, limit: min(limit, 16 * 1024), small: 2 * 1024, step: 16 * 1024)
        }
    }

    private(set) var bytes: ByteBuffer
    private(set) var loans: [MemoryLoan] = []

    /// - Throws: `NIOTooManyBytesError`, ``Overloaded``, or why the body broke off.
    init(_ body: RequestBody, allowance: Allowance, admission: Admission, borrower: () -> MemoryBorrower) async throws {
        bytes = ByteBuffer()
        var covered = allowance.small
        for try await var piece in body {
            let size = bytes.readableBytes + piece.readableBytes
            guard size <= allowance.limit else { throw NIOTooManyBytesError(maxBytes: allowance.limit) }
            if size > covered {
                let step = allowance.step
                let steps = (size - covered + step - 1) / step
                loans.append(try admission.memory(steps * step * MemoryUse.jsonGrowth, for: allowance.use, to: borrower()))
                covered += steps * step
            }
            if bytes.readableBytes == 0 { bytes = piece } else { bytes.writeBuffer(&piece) }
        }
    }
}
