public import MatrixModel

/// JSON that clients sent, as a blob of canonical bytes: any number, any text.
///
/// Whatever is written here is read back: what nests deeper than reading allows is refused. What cannot be read all the same was
/// damaged, or written by another program; it is ``StoreError/corrupt(_:)``, which names the table and the column.
enum StoredJSON {
    private static func value(_ row: Row, _ column: String, of table: String) throws(StoreError) -> JSON {
        guard case .blob(let blob) = row.databaseValue(column) else { throw .corrupt("\(table).\(column)") }
        do throws(JSONParseError) {
            return try JSON(parsing: blob, options: .stored)
        } catch {
            throw .corrupt("\(table).\(column)")
        }
    }

    static func object(_ row: Row, _ column: String, of table: String) throws(StoreError) -> JSONObject {
        guard let object = try value(row, column, of: table).objectValue else { throw .corrupt("\(table).\(column)") }
        return object
    }

    /// A key as clients upload it: a string or an object.
    static func key(_ row: Row, _ column: String, of table: String) throws(StoreError) -> JSON {
        let key = try value(row, column, of: table)
        guard key.stringValue != nil || key.objectValue != nil else { throw .corrupt("\(table).\(column)") }
        return key
    }

    static func data(_ value: JSON) throws(StoreError) -> StoredBlob {
        guard !value.nests(deeperThan: JSONParseOptions.storedDepth) else { throw .tooDeep }
        return StoredBytes.data(value.bytes)
    }

    static func data(_ object: JSONObject) throws(StoreError) -> StoredBlob { try data(.object(object)) }
}

/// A content as it is stored, encoded once for however many rows it goes into.
public struct EncodedContent: Sendable {
    let blob: StoredBlob

    /// - Throws: ``StoreError/tooDeep`` for what reading would refuse.
    public init(_ content: JSONObject) throws(StoreError) { blob = try StoredJSON.data(content) }

    /// Bytes of canonical JSON.
    public var count: Int { blob.count }
}
