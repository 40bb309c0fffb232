import Benchmark
import MatrixModel
import RoomRules

/// Canonical JSON of one event, there and back.
@Sendable func measureJSON() {
    func sample() throws -> JSON { .object(try SampleEvent.draft.signed(by: SampleEvent.key(), version: .v12).json) }
    Benchmark("JSON: parse an event") { (benchmark, bytes: [UInt8]) throws in
        for _ in benchmark.scaledIterations { blackHole(try JSON(parsing: bytes)) }
    } setup: {
        try sample().bytes
    }
    Benchmark("JSON: write an event") { (benchmark, json: JSON) in
        for _ in benchmark.scaledIterations { blackHole(json.bytes) }
    } setup: {
        try sample()
    }
}

/// From a draft to a signed event: fields checked, content hash, reference hash, signature.
@Sendable func measureEvents() {
    Benchmark("Event: build, hash and sign") { (benchmark, key: SigningKey) throws in
        let draft = SampleEvent.draft
        for _ in benchmark.scaledIterations { blackHole(try draft.signed(by: key, version: .v12)) }
    } setup: {
        try SampleEvent.key()
    }
    Benchmark("Event: the signature in that") { (benchmark, key: SigningKey) in
        let message = Array(repeating: UInt8(ascii: "x"), count: 500)
        for _ in benchmark.scaledIterations { blackHole(key.sign(message)) }
    } setup: {
        try SampleEvent.key()
    }
}
