public import HearthStore
public import MatrixModel

/// What `POST /keys/upload` brings, checked: [spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysupload).
///
/// The keys must name the device that uploads them: whoever holds a token speaks for no other device. Whether they sign
/// themselves is for the other clients to check, who trust no server with it.
public struct KeyUpload: Sendable, Equatable {
    /// The most that the identity keys of a device may have, in bytes of canonical JSON.
    public static let largestDeviceKeys = 65_536
    /// The most that a one-time or fallback key may have, in bytes of canonical JSON.
    public static let largestKey = 8_192

    /// The device's identity keys without `unsigned`, which is the server's to write.
    public let deviceKeys: JSONObject?
    public let oneTimeKeys: [StoredOneTimeKey]
    public let fallbackKeys: [StoredOneTimeKey]

    public var isEmpty: Bool { deviceKeys == nil && oneTimeKeys.isEmpty && fallbackKeys.isEmpty }

    public init(parsing json: JSONObject, of device: DeviceKey) throws(KeyError) {
        let body = UploadReader(json, named: "the body")
        deviceKeys = try body.optionalObject("device_keys").map { keys throws(KeyError) in
            try Self.checked(deviceKeys: keys, of: device)
        }
        oneTimeKeys = try Self.keys(body.optionalObject("one_time_keys") ?? [:], in: "one_time_keys")
        fallbackKeys = try Self.keys(body.optionalObject("fallback_keys") ?? [:], in: "fallback_keys")
        guard Set(fallbackKeys.map(\.algorithm)).count == fallbackKeys.count else {
            throw .invalid("\"fallback_keys\" holds at most one key of each algorithm.")
        }
    }

    private static func checked(deviceKeys json: JSONObject, of device: DeviceKey) throws(KeyError) -> JSONObject {
        var json = json
        json["unsigned"] = nil
        let keys = UploadReader(json, named: "device_keys")
        try keys.requireCanonical(atMost: largestDeviceKeys)
        guard try keys.string("user_id").hasSameBytes(as: device.user.rawValue) else {
            throw .invalid("\"user_id\" of device_keys is another user's.")
        }
        guard try keys.string("device_id").hasSameBytes(as: device.device.rawValue) else {
            throw .invalid("\"device_id\" of device_keys is another device's.")
        }
        _ = try keys.strings("algorithms")
        for (name, _) in try keys.stringMap("keys") {
            guard let (_, id) = split(name), id.hasSameBytes(as: device.device.rawValue) else {
                throw .invalid("Every key of device_keys is named for its algorithm and this device.")
            }
        }
        for signer in try keys.object("signatures").members where signer.value.objectValue == nil {
            throw .malformed("\"signatures\" of device_keys maps users to signatures.")
        }
        return json
    }

    private static func keys(_ json: JSONObject, in name: String) throws(KeyError) -> [StoredOneTimeKey] {
        var keys: [StoredOneTimeKey] = []
        for member in json.members {
            guard let (algorithm, id) = split(member.key), isPlain(algorithm), isPlain(id) else {
                throw .invalid("Every key in \"\(name)\" is named ALGORITHM:ID in visible ASCII.")
            }
            switch member.value {
            case .string: break
            case .object(let object):
                _ = try UploadReader(object, named: "a key in \(name)").string("key")
            default: throw .malformed("Every key in \"\(name)\" is a string or an object.")
            }
            guard member.value.isCanonical else { throw .malformed("A key in \"\(name)\" holds a number that cannot be signed.") }
            guard member.value.bytes.count <= largestKey else {
                throw .tooLarge("A key in \"\(name)\" has at most \(largestKey) bytes.")
            }
            keys.append(StoredOneTimeKey(algorithm: algorithm, id: id, key: member.value))
        }
        return keys
    }

    /// What stands before and after the first colon.
    private static func split(_ name: String) -> (algorithm: String, id: String)? {
        guard name.utf8.count <= 512, let colon = name.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        return (String(name[..<colon]), String(name[name.utf8.index(after: colon)...]))
    }

    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension JSONObject {
    /// The ed25519 key in a device's identity keys: what makes the device the same one.
    func ed25519Key(of device: DeviceID) -> String? {
        self["keys"]?.objectValue?["ed25519:\(device.rawValue)"]?.stringValue
    }
}
