import HearthStore
import MatrixModel
import SubscriptionCore

/// Fills the memory image with what a sync tells of keys and of messages to devices, at start.
enum EncryptionRestoration {
    static func restore(_ engine: inout SubscriptionEngine, from store: StoreTransaction) throws {
        try store.restoration.eachOneTimeKeyCount { engine.restoreOneTimeKeys($2, of: $1, of: $0) }
        try store.restoration.eachUnusedFallbackKey { engine.restoreUnusedFallbackKey($1, of: $0) }
        for (user, position) in try store.deviceListChanges.all() { engine.restoreKeysChanged(of: user, at: position) }
        for (signer, target, position) in try store.keySignatures.foreignSigners() {
            engine.restoreKeysSigned(of: target, by: signer, at: position)
        }
        for (device, first, last) in try store.toDevice.mailboxes() { engine.restoreToDevice(device, first: first, last: last) }
    }
}
