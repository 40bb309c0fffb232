import MatrixModel
import Testing

@testable import PushCore

@Suite("Bodies for push gateways")
struct PushNotificationTests {
    private static let verdict = PushVerdict(notifies: true, tweaks: ["sound": "bing"])

    private func notification(
        _ event: PushEvent, _ verdict: PushVerdict = PushVerdict(notifies: true), unread: Int = 2
    ) -> PushNotification {
        PushNotification(
            event: event.event, verdict: verdict, user: Names.alice, senderName: "Bob", roomName: "Den", roomAlias: nil,
            unread: unread)
    }

    private func device(_ data: JSONObject = ["url": "https://x.example/_matrix/push/v1/notify", "brand": "x"]) -> PushDevice {
        PushDevice(appID: "org.example.app", pushkey: "key", set: MatrixTimestamp(milliseconds: 12_345_678_999), data: data)
    }

    @Test("a whole notification")
    func whole() {
        let body = notification(makeEvent(["body": "hi"]), Self.verdict).body(for: device())
        #expect(
            body == [
                "notification": [
                    "event_id": "$1", "room_id": "!den:alpha.test", "type": "m.room.message", "sender": "@bob:alpha.test",
                    "sender_display_name": "Bob", "room_name": "Den", "prio": "high", "content": ["body": "hi"],
                    "counts": ["unread": 2],
                    "devices": [
                        [
                            "app_id": "org.example.app", "pushkey": "key", "pushkey_ts": 12_345_678, "data": ["brand": "x"],
                            "tweaks": ["sound": "bing"],
                        ]
                    ],
                ]
            ])
    }

    @Test("in the format event_id_only nothing of the event but its id goes out")
    func idOnly() {
        let data: JSONObject = ["url": "https://x.example/_matrix/push/v1/notify", "format": "event_id_only"]
        let body = notification(makeEvent(["body": "secret"]), Self.verdict, unread: 0).body(for: device(data))
        #expect(
            body == [
                "notification": [
                    "event_id": "$1", "room_id": "!den:alpha.test", "prio": "high",
                    "devices": [
                        [
                            "app_id": "org.example.app", "pushkey": "key", "pushkey_ts": 12_345_678,
                            "data": ["format": "event_id_only"],
                        ]
                    ],
                ]
            ])
    }

    @Test("plain messages may wait, what is loud, addressed or encrypted may not")
    func priority() {
        let message = makeEvent(["body": "hi"])
        #expect(!notification(message).isUrgent)
        #expect(notification(message, Self.verdict).isUrgent)
        #expect(notification(message, PushVerdict(notifies: true, tweaks: ["highlight": true])).isUrgent)
        #expect(!notification(message, PushVerdict(notifies: true, tweaks: ["highlight": false])).isUrgent)
        #expect(notification(makeEvent(.encrypted)).isUrgent)
    }

    @Test("of a member event it says whether it is about the user")
    func target() {
        func isTarget(_ user: UserID) -> JSON? {
            let event = makeEvent(.member, key: user.rawValue, ["membership": "invite"])
            return notification(event).body(for: device())["notification"]?.objectValue?["user_is_target"]
        }
        #expect(isTarget(Names.alice) == true)
        #expect(isTarget(Names.carol) == false)
    }

    @Test(
        "answers of gateways",
        arguments: [
            (200, "{\"rejected\":[]}", .delivered), (200, "{}", .delivered), (204, "{}", .delivered),
            (200, "{\"rejected\":[\"other\"]}", .delivered), (200, "{\"rejected\":[\"other\",\"key\"]}", .rejected),
            (200, "{\"rejected\":\"key\"}", .delivered), (200, "", .failed), (200, "[]", .failed), (200, "<html>", .failed),
            (301, "{}", .failed), (404, "{\"rejected\":[\"key\"]}", .failed), (500, "{}", .failed),
        ] as [(Int, String, GatewayVerdict)])
    func answers(status: Int, body: String, expected: GatewayVerdict) {
        #expect(GatewayVerdict(status: status, body: Array(body.utf8), pushkey: "key") == expected)
    }
}
