import Benchmark
import ClientAPI
import HearthServices
import MatrixModel
import SubscriptionCore

/// The bytes of an answer to a sync: with nothing, and with what one change of presence makes of it, by a peek and by legacy.
@Sendable func measureSyncAnswers() {
    measure("an empty answer") { _, _, _, _ in }
    measure("an answer with one event of a peek") { response, room, event, _ in
        var part = SyncRoom(room: room, prevBatch: response.nextBatch)
        part.timeline = [event]
        response.peeked = [part]
    }
    measure("an answer with one presence event") { response, _, _, lane in
        let now = MatrixTimestamp(milliseconds: 1_760_000_002_000)
        response.presence = [LegacyPresence(user: SampleEvent.user(0), lane: lane, now: now)]
    }
}

private func measure(_ name: String, _ fill: @escaping @Sendable (inout SyncResponse, RoomID, PersistedEvent, LaneState) -> Void)
{
    Benchmark("Sync: \(name)") { (benchmark, response: SyncResponse) in
        let reader = DeviceKey(user: SampleEvent.user(2), device: SampleEvent.made(DeviceID("LHJIOGZJSQ")))
        let present = StreamHistory.Chapter(epoch: SampleEvent.made(StreamEpoch("KxtrmQab".utf8)), beginsAfter: .zero)
        let history = StreamHistory(chapters: [], isWhole: true, present: present)
        for _ in benchmark.scaledIterations {
            blackHole(SyncResponseWriter(response: response, reader: reader, history: history).bytes())
        }
    } setup: {
        let scratch = try ScratchStore()
        let room = try scratch.makeRooms(1)[0]
        let event = try scratch.writer.performNow(ScratchStore.publication("busy", in: room))
        let lane = SampleEvent.made(scratch.notifier.ask { $0.lane(of: SampleEvent.user(0)) })
        var response = SyncResponse(nextBatch: SyncToken(event.position))
        fill(&response, room, event, lane)
        try scratch.discard()
        return response
    }
}
