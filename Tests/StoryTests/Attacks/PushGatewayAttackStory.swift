import HearthTestKit
import MatrixModel
import Testing

/// Gateways that take their time, against those of everybody else.
@Suite("Attacks through push gateways")
struct PushGatewayAttackStory {
    private static func pusher(_ key: String, _ url: String) -> JSON {
        [
            "kind": "http", "app_id": "org.example.app", "pushkey": .string(key), "app_display_name": "App",
            "device_display_name": "Phone", "lang": "en", "data": ["url": .string(url)], "append": true,
        ]
    }

    @Test("a hundred pushers to a gateway that never answers delay nobody else's push")
    func slowGateway() async throws {
        let settings = Bystander.defaultLimits.merging(["push.allow_private": "true"]) { $1 }
        try await FakeGateway.with { slow in
            try await FakeGateway.with { gateway in
                try await withHearth(settings: settings) { hearth in
                    slow.answer(after: .seconds(60))
                    let bystander = try await Bystander(on: hearth)
                    let (alice, bob) = (try await hearth.client.register("alice"), try await hearth.client.register("bob"))
                    let room = try await alice.createRoom(["preset": "public_chat"])
                    try await bob.join(room)
                    try await bob.post("/pushers/set", Self.pusher("bob", gateway.url))

                    let mallory = try await hearth.client.register("mallory")
                    let den = try await mallory.createRoom(["preset": "public_chat"])
                    var helpers: [MatrixClient] = []
                    for number in 0..<10 {
                        let helper = try await hearth.client.register("helper\(number)")
                        try await helper.join(den)
                        for key in 0..<10 { try await helper.post("/pushers/set", Self.pusher("\(number)-\(key)", slow.url)) }
                        helpers.append(helper)
                    }

                    let (waits, report) = try await bystander.whileEnduring {
                        for number in 0..<5 { try await mallory.sendText("\(number)", to: den) }
                        _ = try await slow.notifications(atLeast: 4)
                        var waits: [Duration] = []
                        for number in 1...5 {
                            let begin = ContinuousClock.now
                            try await alice.sendText("hello", to: room)
                            _ = try await gateway.notifications(atLeast: number)
                            waits.append(ContinuousClock.now - begin)
                            try await Task.sleep(for: .milliseconds(500))
                        }
                        return waits
                    }
                    #expect(report.faults == [])
                    #expect(report.p99 < Bystander.patience, "\(report.summary)")
                    // The first may come while nothing is known of either gateway yet.
                    #expect(waits[0] < .seconds(5), "\(waits)")
                    #expect(waits.dropFirst().allSatisfy { $0 < .seconds(2) }, "\(waits)")
                    let oneMore = try await helpers[0].request("POST", "/pushers/set", body: Self.pusher("more", slow.url))
                    #expect(oneMore.status == 400 && oneMore.errorCode == "M_INVALID_PARAM")
                    try await helpers[0].post("/pushers/set", Self.pusher("0-0", slow.url))
                    slow.answer(after: .zero)
                    try await hearth.restart()
                    try await alice.sendText("hello", to: room)
                    _ = try await gateway.notifications(atLeast: 6)
                }
            }
        }
    }
}
