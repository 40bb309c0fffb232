import MatrixModel

/// JSON that clients sent, as a blob of canonical bytes: any number, any text.
enum StoredJSON {
    private static let options = JSONParseOptions(allowsAnyNumber: true, allowsNUL: true)

    static func value(_ blob: StoredBlob) throws -> JSON {
        try JSON(parsing: StoredBytes.bytes(blob), options: options)
    }

    /// - Parameter what: names the object where it turns out to be none.
    static func object(_ blob: StoredBlob, _ what: String) throws -> JSONObject {
        guard let object = try value(blob).objectValue else { throw StoreError.corrupt(what) }
        return object
    }
}
