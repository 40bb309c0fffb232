import HearthStore
import MatrixModel
import SubscriptionCore

extension SyncAssembly {
    /// The most messages to a device in one answer; the next sync from its token brings more at once.
    static let mostToDevice = 100

    /// The oldest messages that the device has not got yet. Where more wait, the token says how far these go.
    func addToDevice(to response: inout SyncResponse, store: StoreTransaction) throws {
        let waiting = try store.toDevice.messages(
            to: device, after: delivered, upTo: plan.position, limit: Self.mostToDevice + 1)
        let messages = waiting.prefix(Self.mostToDevice)
        response.toDevice = messages.map(\.message)
        guard waiting.count > messages.count, let last = messages.last else { return }
        response.nextBatch = SyncToken(
            response.nextBatch.position, ephemeral: response.nextBatch.ephemeral, toDevice: last.position,
            profiles: response.nextBatch.profiles)
    }
}
