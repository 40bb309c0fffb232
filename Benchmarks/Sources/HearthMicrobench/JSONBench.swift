import Figures
import MatrixModel
import RoomRules

/// Canonical JSON of one event, there and back.
struct JSONBench {
    var seconds: Double

    func run(_ report: Report) throws {
        let bytes = try JSON.object(SampleEvent.draft.signed(by: SampleEvent.key(), version: .v12).json).bytes
        let json = try JSON(parsing: bytes)
        let note = "\(bytes.count) bytes"
        let parse = try CPUTime.each(seconds: seconds) { consume(try JSON(parsing: bytes)) }
        report.figure("parse an event", parse, "us", in: "json", note: note)
        let write = CPUTime.each(seconds: seconds) { consume(json.bytes) }
        report.figure("write an event", write, "us", in: "json", note: note)
    }
}
