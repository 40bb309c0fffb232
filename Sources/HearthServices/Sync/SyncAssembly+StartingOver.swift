import HearthStore
import MatrixModel
import SubscriptionCore

/// The answer to a client that comes with a token of a lost history.
extension SyncAssembly {
    /// Has the client drop what it holds of every room's timeline: part of that may be gone.
    func startOver(_ response: inout SyncResponse) {
        for index in response.joined.indices { response.joined[index].isLimited = true }
        for index in response.peeked.indices { response.peeked[index].isLimited = true }
        for index in response.left.indices { response.left[index].isLimited = true }
    }

    /// That the user is not in a room any more, which the client may not know. An initial sync without a token says nothing of it.
    func endOfMembership(_ departure: DeparturePlan, store: StoreTransaction) throws -> SyncRoom {
        var room = SyncRoom(room: departure.room, prevBatch: SyncToken(departure.end))
        room.timeline = try store.events.event(at: departure.end).map { [$0] }?.filter(passes) ?? []
        return room
    }
}
