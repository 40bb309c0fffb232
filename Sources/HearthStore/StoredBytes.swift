import Foundation

/// Bytes as SQLite blobs.
enum StoredBytes {
    static func data(_ bytes: [UInt8]) -> Data { Data(bytes) }
    static func bytes(_ data: Data) -> [UInt8] { Array(data) }
}

/// What SQLite hands out for a blob.
typealias StoredBlob = Data
