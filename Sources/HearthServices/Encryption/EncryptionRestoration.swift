import HearthStore
import MatrixModel
import SubscriptionCore

/// Fills the memory image with what a sync tells of keys and of messages to devices, at start.
enum EncryptionRestoration {
    static func restore(_ engine: inout SubscriptionEngine, from store: StoreTransaction) throws {
        for device in Set(try store.oneTimeKeys.devices()).union(try store.fallbackKeys.devices()) {
            engine.restoreKeyCounts(
                KeyCounts(
                    oneTimeKeys: try store.oneTimeKeys.counts(of: device),
                    unusedFallbackTypes: try store.fallbackKeys.unusedAlgorithms(of: device)), of: device)
        }
        for (user, position) in try store.deviceListChanges.all() { engine.restoreKeysChanged(of: user, at: position) }
        for (signer, target, position) in try store.keySignatures.foreignSigners() {
            engine.restoreKeysSigned(of: target, by: signer, at: position)
        }
        for (device, first, last) in try store.toDevice.mailboxes() { engine.restoreToDevice(device, first: first, last: last) }
    }
}
