import Figures
import MatrixModel
import RoomRules

/// From a draft to a signed event: fields checked, content hash, reference hash, signature.
struct EventBench {
    var seconds: Double

    func run(_ report: Report) throws {
        let key = try SampleEvent.key()
        let draft = SampleEvent.draft
        let whole = try CPUTime.each(seconds: seconds) { consume(try draft.signed(by: key, version: .v12)) }
        report.figure("build, hash and sign an event", whole, "us", in: "event")
        let message = Array(repeating: UInt8(ascii: "x"), count: 500)
        report.figure("of that: a signature", CPUTime.each(seconds: seconds) { consume(key.sign(message)) }, "us", in: "event")
    }
}
