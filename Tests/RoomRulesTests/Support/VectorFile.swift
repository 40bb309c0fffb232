import Foundation
import MatrixModel

@testable import RoomRules

/// The vectors that `scripts/vectors/make-room-vectors.py` made with a second implementation.
enum VectorFile {
    static func read(_ name: String) throws -> JSON {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Vectors/\(name).json")
        return try JSON(parsing: Data(contentsOf: url))
    }
}

/// A vector file does not have the shape that its test expects.
struct MalformedVector: Error {
    let what: String
}

extension JSON {
    func member(_ key: String) throws -> JSON {
        guard let value = objectValue?[key] else { throw MalformedVector(what: key) }
        return value
    }

    func string(_ key: String) throws -> String {
        guard let value = try member(key).stringValue else { throw MalformedVector(what: key) }
        return value
    }

    func bool(_ key: String) throws -> Bool {
        guard let value = try member(key).boolValue else { throw MalformedVector(what: key) }
        return value
    }

    func object(_ key: String) throws -> JSONObject {
        guard let value = try member(key).objectValue else { throw MalformedVector(what: key) }
        return value
    }

    func array(_ key: String) throws -> [JSON] {
        guard let value = try member(key).arrayValue else { throw MalformedVector(what: key) }
        return value
    }

    func strings(_ key: String) throws -> [String] { try array(key).compactMap(\.stringValue) }

    func version() throws -> RoomVersion {
        guard let version = RoomVersion(rawValue: try string("version")) else { throw MalformedVector(what: "version") }
        return version
    }
}
