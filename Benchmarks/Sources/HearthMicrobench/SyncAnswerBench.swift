import ClientAPI
import Figures
import HearthServices
import MatrixModel
import SubscriptionCore

/// The bytes of an answer to a sync: with nothing, and with what one change of presence makes of it, by a peek and by legacy.
struct SyncAnswerBench {
    var seconds: Double

    func run(_ report: Report) throws {
        let scratch = try ScratchStore()
        let room = try scratch.makeRooms(1)[0]
        let event = try scratch.writer.performNow(ScratchStore.publication("busy", in: room))
        let token = SyncToken(event.position)
        let reader = DeviceKey(user: SampleEvent.user(2), device: SampleEvent.made(DeviceID("LHJIOGZJSQ")))

        let empty = SyncResponse(nextBatch: token)
        measure("an empty answer", empty, reader, report)
        var peeked = empty
        var part = SyncRoom(room: room, prevBatch: token)
        part.timeline = [event]
        peeked.peeked = [part]
        measure("an answer with one event of a peek", peeked, reader, report)
        let lane = SampleEvent.made(scratch.notifier.ask { $0.lane(of: SampleEvent.user(0)) })
        var legacy = empty
        legacy.presence = [
            LegacyPresence(user: SampleEvent.user(0), lane: lane, now: MatrixTimestamp(milliseconds: 1_760_000_002_000))
        ]
        measure("an answer with one presence event", legacy, reader, report)
        try scratch.discard()
    }

    private func measure(_ name: String, _ response: SyncResponse, _ reader: DeviceKey, _ report: Report) {
        let size = SyncResponseWriter(response: response, reader: reader).bytes().count
        let cost = CPUTime.each(seconds: seconds) { consume(SyncResponseWriter(response: response, reader: reader).bytes()) }
        report.figure(name, cost, "us", in: "sync", note: "\(size) bytes")
    }
}
