public import HearthStore
public import MatrixModel

/// Whose keys are asked for.
public struct KeyQuery: Sendable {
    public let user: UserID
    /// Nil for all devices.
    public let devices: Set<DeviceID>?

    public init(user: UserID, devices: Set<DeviceID>?) {
        self.user = user
        self.devices = devices
    }
}

/// The keys of one user, with the signatures that the viewer may see.
public struct UserKeys: Sendable {
    public let user: UserID
    public internal(set) var devices: [(id: DeviceID, keys: JSONObject)] = []
    public internal(set) var crossSigning: [CrossSigningUsage: JSONObject] = [:]
}

extension KeyService {
    /// How many users one request names when it asks for keys.
    private static let mostQueriedUsers = 10_000

    /// Refuses a request that names too many, before anything is made of it.
    public static func checkCount(ofQueried users: Int) throws(KeyError) {
        guard users <= mostQueriedUsers else {
            throw .tooLarge("One request asks for the keys of at most \(mostQueriedUsers) users.")
        }
    }

    /// The keys of local users; those who do not exist are left out.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysquery). A user-signing key is shown to its own user
    /// alone, and so is what it signed.
    public func query(_ queries: [KeyQuery], by viewer: UserID) async throws -> [UserKeys] {
        try await store.read { store in
            try queries.compactMap { query in
                guard try store.users.user(query.user) != nil else { return nil }
                return try Self.keys(query, for: viewer, in: store)
            }
        }
    }

    private static func keys(_ query: KeyQuery, for viewer: UserID, in store: StoreTransaction) throws -> UserKeys {
        var keys = UserKeys(user: query.user)
        let signatures = Dictionary(
            grouping: try store.keySignatures.signatures(of: query.user, for: viewer), by: { SignedKeyName($0.targetKey) })
        func signed(_ json: JSONObject, _ name: String) -> JSONObject {
            let texts = (signatures[SignedKeyName(name)] ?? []).map { signature in
                KeySignatureText(signer: signature.signer, keyID: signature.signingKey, text: signature.signature)
            }
            return SignedJSON.adding(texts, to: json)
        }
        for device in try store.deviceKeys.all(of: query.user) where query.devices?.contains(device.device) ?? true {
            var json = signed(device.keys, device.device.rawValue)
            json["unsigned"] = .object(device.displayName.map { ["device_display_name": .string($0)] } ?? [:])
            keys.devices.append((id: device.device, keys: json))
        }
        for (usage, key) in try store.crossSigningKeys.keys(of: query.user) where usage != .userSigning || query.user == viewer {
            keys.crossSigning[usage] = signed(key.json, key.publicKey)
        }
        return keys
    }
}

/// The name of a signed key; compares by its bytes.
private struct SignedKeyName: Hashable {
    let bytes: [UInt8]

    init(_ name: String) { bytes = Array(name.utf8) }
}
