import Foundation
import GRDB

/// Bytes as SQLite blobs.
enum StoredBytes {
    static func data(_ bytes: [UInt8]) -> Data { Data(bytes) }
    static func bytes(_ data: Data) -> [UInt8] { Array(data) }
}

/// What SQLite hands out for a blob.
typealias StoredBlob = Data

extension Row {
    /// The bytes of a blob where SQLite has them; none for NULL, and for a number in its place.
    func withBytes<Value>(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Value) throws -> Value {
        do {
            return try withUnsafeData(atIndex: index) { data in
                guard let data else { return try body(UnsafeBufferPointer(start: nil, count: 0)) }
                return try data.withUnsafeBytes { try $0.withMemoryRebound(to: UInt8.self, body) }
            }
        } catch is RowDecodingError {
            return try body(UnsafeBufferPointer(start: nil, count: 0))
        }
    }
}
