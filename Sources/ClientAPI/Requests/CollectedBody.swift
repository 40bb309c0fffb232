import HearthServices
import Hummingbird
import NIOCore

/// The body of a request, whole and in memory, and the memory that is lent for it.
///
/// Small bodies are not counted. Of larger ones memory is lent for what has come: announcing much takes nothing from others.
struct CollectedBody {
    private static let small = 16 * 1024
    /// Memory is lent in steps of this.
    private static let step = 64 * 1024
    /// A JSON value takes several times its text.
    private static let growth = 4

    private(set) var bytes: ByteBuffer
    private(set) var loans: [MemoryLoan] = []

    /// - Throws: `NIOTooManyBytesError`, ``Overloaded``, or why the body broke off.
    init(_ body: RequestBody, limit: Int, admission: Admission) async throws {
        bytes = ByteBuffer()
        var covered = Self.small
        for try await var piece in body {
            let size = bytes.readableBytes + piece.readableBytes
            guard size <= limit else { throw NIOTooManyBytesError(maxBytes: limit) }
            if size > covered {
                let steps = (size - covered + Self.step - 1) / Self.step
                loans.append(try admission.memory(steps * Self.step * Self.growth))
                covered += steps * Self.step
            }
            if bytes.readableBytes == 0 { bytes = piece } else { bytes.writeBuffer(&piece) }
        }
    }
}
