import Foundation
import MatrixModel
import Synchronization

/// Writes the tests' requests and answers into the folder that `HEARTH_RECORD` names, one JSON object a line, for `scripts/check-api`.
///
/// An object has `method`, `path` (still percent-encoded) and `query`, `status`, `answer_headers` where they are known, `request_body` and
/// `answer_body` where these are JSON, and `request_size` and `answer_size` in bytes. Each process writes a file of its own.
public final class ExchangeRecorder: Sendable {
    /// The recorder of this process; nil where nothing is to be recorded.
    public static let shared: ExchangeRecorder? = {
        guard let folder = ProcessInfo.processInfo.environment["HEARTH_RECORD"], !folder.isEmpty else { return nil }
        do {
            return try ExchangeRecorder(folder: URL(filePath: folder))
        } catch {
            preconditionFailure("HEARTH_RECORD names no folder to write into: \(error)")
        }
    }()

    private let file: Mutex<FileHandle>

    init(folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appending(path: "exchanges-\(ProcessInfo.processInfo.processIdentifier).jsonl")
        try Data().write(to: path)
        file = Mutex(try FileHandle(forWritingTo: path))
    }

    /// Writes one exchange. `target` is the path and the query as they were sent; `headers` are the answer's, with names in lower case.
    public func record(
        method: String, target: String, requestBody: [UInt8] = [], status: Int, headers: [(name: String, value: String)]? = nil,
        answerBody: [UInt8]
    ) throws {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var exchange: JSONObject = [
            "method": .string(method), "path": .string(String(parts[0])),
            "query": .string(parts.count > 1 ? String(parts[1]) : ""),
            "request_size": .integer(Int64(requestBody.count)), "status": .integer(Int64(status)),
            "answer_size": .integer(Int64(answerBody.count)),
        ]
        exchange["request_body"] = Self.json(requestBody)
        exchange["answer_body"] = Self.json(answerBody)
        if let headers {
            exchange["answer_headers"] = .object(JSONObject(headers.map { ($0.name, .string($0.value)) }))
        }
        let line = JSON.object(exchange).bytes + [UInt8(ascii: "\n")]
        try file.withLock { try $0.write(contentsOf: line) }
    }

    private static func json(_ bytes: [UInt8]) -> JSON? {
        guard let first = bytes.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return nil }
        do throws(JSONParseError) {
            return try JSON(parsing: bytes, options: JSONParseOptions(allowsAnyNumber: true, allowsNUL: true))
        } catch {
            return nil
        }
    }
}
