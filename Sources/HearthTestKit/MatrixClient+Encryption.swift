public import MatrixModel

extension MatrixClient {
    /// Uploads keys of this device.
    @discardableResult
    public func uploadKeys(_ body: JSONObject, expecting status: Int = 200) async throws -> MatrixResponse {
        try await post("/keys/upload", .object(body), expecting: status)
    }

    /// This device's identity keys with these public keys; the signature is none.
    public func deviceKeys(ed25519: String = "ed", curve25519: String = "curve") -> JSONObject {
        [
            "user_id": .string(userID), "device_id": .string(deviceID),
            "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
            "keys": .pairs(("ed25519:\(deviceID)", .string(ed25519)), ("curve25519:\(deviceID)", .string(curve25519))),
            "signatures": .pairs((userID, [:])),
        ]
    }

    /// One-time keys as they are uploaded, named by numbers.
    public static func oneTimeKeys(_ numbers: some Sequence<Int>, isFallback: Bool = false) -> JSON {
        .object(
            JSONObject(
                numbers.map { number in
                    var key: JSONObject = ["key": .string("public key \(number)"), "signatures": [:]]
                    if isFallback { key["fallback"] = true }
                    return ("signed_curve25519:\(isFallback ? "F" : "K")\(number)", .object(key))
                }))
    }

    /// All keys of users.
    public func queryKeys(of users: String...) async throws -> MatrixResponse {
        try await post("/keys/query", ["device_keys": .object(JSONObject(users.map { ($0, JSON.array([])) }))])
    }

    /// The name of the key that a claim gave; nil when it gave none.
    public func claimKey(of device: MatrixClient) async throws -> String? {
        let claim: JSON = [
            "one_time_keys": .pairs((device.userID, .pairs((device.deviceID, "signed_curve25519"))))
        ]
        let keys = try await post("/keys/claim", claim)["one_time_keys", device.userID, device.deviceID]?.objectValue
        return keys?.members.first?.key
    }

    /// Sends messages by user and device.
    public func sendToDevice(_ type: String, _ messages: JSON, transactionID: String) async throws {
        try await put("/sendToDevice/\(type)/\(transactionID)", ["messages": messages])
    }
}

extension SyncResponse {
    /// The messages to this device.
    public var toDevice: [JSON] { json.events(at: "to_device") }

    /// Whose keys are to be asked for again.
    public var changedDeviceLists: [String] { self["device_lists", "changed"]?.arrayValue?.compactMap(\.stringValue) ?? [] }

    /// Whose keys are to be forgotten.
    public var leftDeviceLists: [String] { self["device_lists", "left"]?.arrayValue?.compactMap(\.stringValue) ?? [] }

    /// How many one-time keys are left.
    public var oneTimeKeyCount: Int64 { self["device_one_time_keys_count", "signed_curve25519"]?.integerValue ?? 0 }
}
