import HearthStore
import MatrixModel

extension KeyService {
    /// Stores a user's cross-signing keys.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysdevice_signingupload). The first keys are taken as they
    /// are, and so is what is stored already, which changes nothing; any other key takes the password once more. A key that is replaced
    /// takes along what it signed and what signed it; a new master key also those of the others that do not come with it.
    ///
    /// - Throws: ``KeyError``, ``AccountError``, or ``WriteError``.
    public func uploadCrossSigningKeys(_ upload: CrossSigningUpload, by requester: Requester, auth: UIAuth?) async throws {
        let digest = accounts.digest(upload.fingerprint)
        var pass: UIAPass?
        for _ in 0...AccountService.mostTries {
            let proven = pass
            let isDone = try await writer.perform { [accounts] context in
                let mayReplace = try proven.map { try accounts.stands($0, for: requester, in: context) } ?? false
                return try Self.store(upload, of: requester.user, mayReplace: mayReplace, in: context)
            }
            if let pass {
                if isDone { accounts.sessions.end(pass) } else { accounts.sessions.reopen(pass) }
            }
            if isDone { return }
            pass = try await accounts.authenticate(auth, for: .crossSigningReset, digest: digest, byPasswordOf: requester)
        }
        throw AccountError.rateLimited(retryAfter: .seconds(1))
    }

    /// Returns false, and changes nothing, where the user has to give the password first.
    private static func store(
        _ upload: CrossSigningUpload, of user: UserID, mayReplace: Bool, in context: WriteContext
    ) throws -> Bool {
        let table = context.transaction.crossSigningKeys
        let stored = try table.keys(of: user)
        if upload.brings(nothingBeyond: stored) { return true }
        for key in upload.keys.values {
            guard let id = DeviceID(key.publicKey) else { continue }
            if try context.transaction.devices.has(DeviceKey(user: user, device: id)) { throw KeyError.keyIDInUse }
        }
        try upload.checkSignatures(by: user, stored: stored)
        // A key that cannot be read is no way round the password.
        let publicKeys = try table.publicKeys(of: user)
        if publicKeys[.master] != nil, !mayReplace { return false }
        let master = upload.keys[.master]
        let isMasterNew = master != nil && master?.publicKey != publicKeys[.master]
        for (usage, old) in publicKeys {
            let new = upload.keys[usage]
            let isReplaced = new.map { $0.publicKey != old } ?? false
            let isOrphaned = new == nil && isMasterNew
            guard isReplaced || isOrphaned else { continue }
            try context.transaction.keySignatures.delete(of: user, key: old)
            try context.transaction.keySignatures.delete(by: user, signingKey: CrossSigningKey.keyID(old))
            try table.delete(usage, of: user)
        }
        for key in upload.keys.values { try table.set(key, of: user) }
        try context.noteKeysChanged(of: user)
        return true
    }
}
