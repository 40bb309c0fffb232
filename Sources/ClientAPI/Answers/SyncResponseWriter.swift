public import HearthServices
public import MatrixModel
import PresenceCore
public import SubscriptionCore

/// Writes the answer of a sync: events are spliced in as they were encoded once, empty sections are left out.
///
/// [Response](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3sync), with `rooms.peek` of
/// [MSC2753](https://github.com/matrix-org/matrix-spec-proposals/pull/2753) in the shape of `rooms.join`.
public struct SyncResponseWriter {
    let response: SyncResponse
    let reader: DeviceKey
    let history: StreamHistory
    private let rewriter: EventRewriter?

    /// - Parameters:
    ///   - reader: whose transaction ids are told.
    ///   - history: whose tokens are written.
    public init(response: SyncResponse, reader: DeviceKey, history: StreamHistory) {
        self.init(response: response, reader: reader, history: history, rewriter: nil)
    }

    /// - Parameter rewriter: for a client that does not want events as they were encoded once.
    init(response: SyncResponse, reader: DeviceKey, history: StreamHistory, rewriter: EventRewriter?) {
        self.response = response
        self.reader = reader
        self.history = history
        self.rewriter = rewriter
    }

    public func bytes() -> [UInt8] {
        var stream = JSONStream(rewriting: rewriter)
        write(to: &stream)
        return stream.bytes
    }

    /// Nil for an answer of more bytes, of which little more than those is made.
    func bytes(atMost most: Int) -> [UInt8]? {
        var stream = JSONStream(rewriting: rewriter, atMost: most)
        write(to: &stream)
        return stream.isTooLong ? nil : stream.bytes
    }

    private func write(to stream: inout JSONStream) {
        stream.object { stream in
            stream.member("next_batch", .string(history.token(of: response.nextBatch).description))
            writeDevice(to: &stream)
            if !response.accountData.isEmpty { writeAccountData(response.accountData, to: &stream) }
            if !response.presence.isEmpty {
                stream.member("presence") { $0.member("events", array: response.presence, Self.writePresence) }
            }
            if !response.profiles.isEmpty { stream.member("org.matrix.msc4429.users", object: writeProfiles) }
            stream.member("rooms", object: writeRooms)
        }
    }

    /// What clients that encrypt need: [extensions to /sync](https://spec.matrix.org/v1.16/client-server-api/#e2e-extensions-to-sync).
    /// They look for the counts in every answer.
    private func writeDevice(to stream: inout JSONStream) {
        stream.member("device_one_time_keys_count") { stream in
            let counts = response.keyCounts.toldOneTimeKeys
            for algorithm in counts.keys.sorted() { stream.member(algorithm, .integer(Int64(counts[algorithm] ?? 0))) }
        }
        stream.member("device_unused_fallback_key_types", .array(response.keyCounts.unusedFallbackTypes.map { .string($0) }))
        stream.member(
            "device_lists",
            [
                "changed": .array(response.changedDeviceLists.map { .string($0.rawValue) }),
                "left": .array(response.leftDeviceLists.map { .string($0.rawValue) }),
            ])
        if response.toDevice.isEmpty { return }
        stream.member("to_device") { $0.member("events", array: response.toDevice, Self.writeToDevice) }
    }

    /// [MSC4429](https://github.com/matrix-org/matrix-spec-proposals/pull/4429): a field that is no more is `null`, and so are the updates of a
    /// user with whom no room is shared any more.
    private func writeProfiles(to stream: inout JSONStream) {
        for update in response.profiles {
            stream.member(update.user.rawValue) { stream in
                guard let fields = update.fields else { return stream.member("profile_updates", .null) }
                stream.member("profile_updates") { stream in
                    for field in fields { stream.member(field.name, field.value ?? .null) }
                }
            }
        }
    }

    private func writeRooms(to stream: inout JSONStream) {
        writeRooms("join", response.joined, to: &stream)
        writeRooms("peek", response.peeked, to: &stream)
        writeRooms("leave", response.left, to: &stream)
        if response.invited.isEmpty { return }
        stream.member("invite") { stream in
            for room in response.invited {
                stream.member(room.room.rawValue) { stream in
                    stream.member("invite_state") { $0.member("events", array: room.state, Self.writeStripped) }
                }
            }
        }
    }

    private func writeRooms(_ section: String, _ rooms: [SyncRoom], to stream: inout JSONStream) {
        if rooms.isEmpty { return }
        stream.member(section) { stream in
            for room in rooms { stream.member(room.room.rawValue) { write(room, to: &$0) } }
        }
    }

    private func write(_ room: SyncRoom, to stream: inout JSONStream) {
        stream.member(response.stateSection.rawValue) { $0.member("events", events: room.state, for: reader, withRoomID: false) }
        stream.member("timeline") { stream in
            stream.member("events", events: room.timeline, for: reader, withRoomID: false, edits: room.edits)
            stream.member("limited", .bool(room.isLimited))
            stream.member("prev_batch", .string(history.token(of: room.prevBatch).description))
        }
        writeAccountData(room.accountData, to: &stream)
        stream.member("ephemeral") { stream in
            stream.member("events", array: Ephemeral.events(of: room)) { stream, event in stream.value(event) }
        }
        if let unread = room.unread {
            stream.member(
                "unread_notifications",
                [
                    "notification_count": .integer(Int64(unread.notifications)),
                    "highlight_count": .integer(Int64(unread.highlights)),
                ])
        }
        if let summary = room.summary {
            stream.member("summary") { stream in
                if let heroes = summary.heroes { stream.member("m.heroes", .array(heroes.map { .string($0.rawValue) })) }
                stream.member("m.joined_member_count", .integer(Int64(summary.joinedCount)))
                stream.member("m.invited_member_count", .integer(Int64(summary.invitedCount)))
            }
        }
    }

    private func writeAccountData(_ items: [AccountDataItem], to stream: inout JSONStream) {
        stream.member("account_data") { stream in
            stream.member("events", array: items) { stream, item in
                stream.value(["type": .string(item.type.rawValue), "content": .object(item.content)])
            }
        }
    }

    private static func writeStripped(to stream: inout JSONStream, _ event: StrippedEvent) {
        stream.value([
            "content": .object(event.content), "sender": .string(event.sender.rawValue),
            "state_key": .string(event.key.key), "type": .string(event.key.type.rawValue),
        ])
    }

    private static func writeToDevice(to stream: inout JSONStream, _ message: ToDeviceMessage) {
        stream.value([
            "type": .string(message.type.rawValue), "sender": .string(message.sender.rawValue),
            "content": .object(message.content),
        ])
    }

    private static func writePresence(to stream: inout JSONStream, _ presence: LegacyPresence) {
        stream.value([
            "type": "m.presence", "sender": .string(presence.user.rawValue), "content": .object(presence.content),
        ])
    }
}

extension LegacyPresence {
    /// What `presence.events` and GET of a status say:
    /// [m.presence](https://spec.matrix.org/v1.16/client-server-api/#mpresence).
    var content: JSONObject {
        var content: JSONObject = [
            "presence": .string(wirePresence), "currently_active": .bool(presence == .online),
        ]
        content["last_active_ago"] = lastActiveAgo.map { .integer($0) }
        content["status_msg"] = statusMessage.map { .string($0) }
        // How MSC4532 writes it.
        content["org.continuwuity.presence_v2.msc4532.status"] = statusMessage.map { ["msg": .string($0)] }
        return content
    }
}
