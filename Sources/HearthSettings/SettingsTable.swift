import Logging
import MatrixModel
import RoomRules

/// Every setting there is: the one place that knows their keys, types, ranges, defaults and meaning.
///
/// ``HearthSettings`` is filled from it and `docs/configuration.md` is written from it.
public enum SettingsTable {
    /// In the order of the reference.
    public static let all: [SettingDefinition] = server + presence + delivery + accounts + quotas + calls + media + operation

    private static let server: [SettingDefinition] = [
        .value(
            "server.name", \.server.optionalName, type: "a server name such as `example.org`", default: "localhost",
            "The name in all user ids (`@alice:example.org`); a database belongs to one name for ever."
        ) { ServerName($0).map { .some($0) } },
        .value(
            "server.public_url", \.server.publicURL, type: "a URL such as `https://matrix.example.org`, or nothing", default: "",
            "Where clients reach the server; given to clients at log-in and in `/.well-known/matrix/client`."
        ) { $0.isEmpty ? .some(nil) : PublicURL($0).map { .some($0) } },
        .value(
            "listen.address", \.listen.address, type: "`HOST:PORT`", default: "127.0.0.1:8008",
            "Where clients connect; port 0 takes a free one.", parse: { HostAndPort($0) }),
        .networks(
            "listen.trusted_proxies", \.listen.trustedProxies,
            "Reverse proxies whose `X-Forwarded-For` (its right-most address that is no such proxy is the client) and `X-Request-ID` "
                + "are believed."),
        .value(
            "data.directory", \.data.directory, type: "a path", default: "hearth-data",
            "Where the database is kept; one running server owns it."
        ) { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 },
    ]

    private static let presence: [SettingDefinition] = [
        .duration(
            "presence.device_grace", \.presence.deviceGrace, default: "60s",
            "How long a device counts as live after its last contact; longer than clients' polls, so that presence does not flap."
        ),
        .duration(
            "presence.busy_device_grace", \.presence.busyDeviceGrace, default: "5m",
            "How long a device's `busy` outlives its last contact; not shorter than `presence.device_grace`."),
        .duration(
            "presence.reachable_for", \.presence.reachableFor, default: "5m",
            "How long a device counts as reachable after its last contact; not shorter than `presence.busy_device_grace`."),
        .duration(
            "presence.idle_after", \.presence.idleAfter, default: "5m",
            "After how long without activity a client that does not name its presence counts as `unavailable`."),
        .duration(
            "presence.settle", \.presence.settle, default: "5s",
            "How long a fall of presence waits before it is published, so that nobody sees a short gap."),
        .duration(
            "presence.pusher_reachable_for", \.presence.pusherReachableFor, default: "7d",
            "How long a device with a working pusher counts as reachable after its last contact."),
        .duration(
            "presence.busy_expires_after", \.presence.busyExpiresAfter, default: "24h",
            "When a chosen `busy` ends, if it names no time itself."),
        .duration(
            "presence.unavailable_expires_after", \.presence.unavailableExpiresAfter, default: "7d",
            "When the `unavailable` that a person chose ends, if it names no time itself."),
        .choice(
            "presence.audience", \.presence.audience, default: .sharedRooms,
            "Who sees the presence and status of users who have not chosen their audience."),
        .bool(
            "presence.public_rooms_share", \.presence.publicRoomsShare, default: false,
            "Whether a public room counts as shared between two users if one is on another server."),
        .duration(
            "presence.retention", \.presence.retention, default: "1h",
            "How long superseded presence and status events are kept before they are purged."),
        .bool(
            "presence.last_active", \.presence.lastActive, default: true,
            "Whether published presence tells when a user was last online."),
    ]

    private static let delivery: [SettingDefinition] = [
        .duration(
            "sync.presence_wake_interval", \.sync.presenceWakeInterval, default: "1s",
            "The shortest time between two wake-ups of one device that bring nothing but presence."),
        .duration("peek.lifetime", \.peek.lifetime, default: "1h", "How long a peek lives unless it is renewed."),
        .integer(
            "peek.max_per_device", \.peek.maxPerDevice, in: 0...1_000_000, default: 2000,
            "How many peeks one device may have at a time."),
        .bool(
            "push.allow_private", \.push.allowsPrivate, default: false,
            "Whether push gateways may be at private, local or reserved addresses; users name the gateways."),
        .bool(
            "legacy.enabled", \.legacy.isEnabled, default: true,
            "Whether clients get presence the old way too: `presence.events` in sync, GET of the status, `status_msg`."),
        .optionalDate(
            "legacy.sunset", \.legacy.sunset,
            "When the old way ends; until then its answers say so in a `Sunset` header."),
    ]

    private static let accounts: [SettingDefinition] = [
        .bool(
            "registration.open", \.registration.isOpen, default: false,
            "Whether anybody who reaches the server may make an account."),
        .integer(
            "accounts.password_cost", \.accounts.passwordCost, in: 1...20, default: 15,
            "The cost of a password hash as log2 of scrypt's N; each step doubles time and memory (15 takes 32 MiB)."),
        .integer(
            "accounts.password_parallelism", \.accounts.passwordParallelism, in: 1...16, default: 3,
            "How often a password hash goes through its memory (scrypt's p); OWASP advises 17 and 1, 16 and 2, or 15 and 3 for cost and p."
        ),
        .bool(
            "rate_limits.enabled", \.rateLimits.isEnabled, default: true,
            "Whether clients that ask too often get a 429 (`M_LIMIT_EXCEEDED`)."),
        .choice(
            "rooms.default_version", \.rooms.defaultVersion, default: .v11,
            "The version of new rooms that do not ask for one."),
    ]

    private static let quotas: [SettingDefinition] = [
        .integer(
            "quotas.account_data", \.quotas.accountData, in: 65_536...1_099_511_627_776, default: 10_485_760,
            "How many bytes the account data of one user may have, tags included; more is answered with 413 (`M_TOO_LARGE`)."),
        .integer(
            "quotas.account_data_types", \.quotas.accountDataTypes, in: 100...1_000_000, default: 1_000,
            "How many types of account data one user may have globally, and in each room; more are answered with 403 (`M_FORBIDDEN`)."
        ),
        .integer(
            "quotas.filters", \.quotas.filters, in: 10...100_000, default: 100,
            "How many different filters one user may store; beyond it one that was unused for a week is deleted, else 403 "
                + "(`M_FORBIDDEN`)."),
        .integer(
            "quotas.devices", \.quotas.devices, in: 1...100_000, default: 200,
            "How many devices one user may have; beyond it a log-in deletes one without encryption keys, or is answered with 403 "
                + "(`M_FORBIDDEN`)."),
        .integer(
            "quotas.to_device_waiting", \.quotas.toDeviceWaiting, in: 1_048_576...1_099_511_627_776, default: 67_108_864,
            "How many bytes of messages may wait for one device; beyond it the oldest of the sender with the most there go."),
        .integer(
            "quotas.to_device_sent", \.quotas.toDeviceSent, in: 33_554_432...1_099_511_627_776, default: 1_073_741_824,
            "How many bytes of one user's messages to devices may wait in all; beyond it the oldest go where most wait."),
        .integer(
            "quotas.transactions", \.quotas.transactions, in: 100...10_000_000, default: 10_000,
            "How many transaction ids of messages to devices are remembered for one user; beyond it the older half goes."),
        .integer(
            "quotas.one_time_keys", \.quotas.oneTimeKeys, in: 100...100_000, default: 1_000,
            "How many one-time keys one device may have; more are answered with 413 (`M_TOO_LARGE`)."),
        .integer(
            "quotas.key_backup", \.quotas.keyBackup, in: 1_048_576...1_099_511_627_776, default: 268_435_456,
            "How many bytes the key backups of one user may have together; more is answered with 413 (`M_TOO_LARGE`)."),
        .integer(
            "quotas.receipts", \.quotas.receipts, in: 10...1_000_000, default: 1_000,
            "How many receipts one user may have in one room, with one for each thread; beyond it the oldest go."),
        .integer(
            "quotas.rooms_per_hour", \.quotas.roomsPerHour, in: 0...1_000_000, default: 100,
            "How many rooms one user may make in an hour; more are answered with 429 (`M_LIMIT_EXCEEDED`); 0 sets no limit."),
        .integer(
            "quotas.events_per_hour", \.quotas.eventBytesPerHour, in: 0...1_099_511_627_776, default: 134_217_728,
            "How many bytes of events one user may store in an hour, whatever makes them: messages, state, rooms, a new name in all rooms; "
                + "beyond it requests for more are answered with 429 (`M_LIMIT_EXCEEDED`); 0 sets no limit."),
        .integer(
            "quotas.aliases", \.quotas.aliases, in: 1...1_000_000, default: 1_000,
            "How many room aliases one user may have; more are answered with 403 (`M_FORBIDDEN`)."),
    ]

    private static let calls: [SettingDefinition] = [
        .list(
            "turn.uris", \.turn.uris, type: "URIs such as `turn:turn.example.org?transport=udp`, separated by commas",
            "The TURN servers that clients use for calls; if not set, none are offered. Needs `turn.secret`."
        ) { text in ["turn:", "turns:"].contains { text.hasPrefix($0) && text.utf8.count > $0.utf8.count } },
        .value(
            "turn.secret", \.turn.secret, type: "a text", default: "",
            "The secret that the TURN servers share with Hearth (coturn: `static-auth-secret`). Set it in the file or the environment."
        ) { $0 },
        .duration(
            "turn.ttl", \.turn.timeToLive, default: "24h", "How long a client may use its credentials for the TURN servers."),
    ]

    private static let media: [SettingDefinition] = [
        .integer(
            "media.max_upload_size", \.media.maxUploadSize, in: 1024...1_099_511_627_776, default: 52_428_800,
            "The largest file that a client may upload, in bytes; a larger one is answered with 413 (`M_TOO_LARGE`)."),
        .integer(
            "media.user_quota", \.media.userQuota, in: 0...1_125_899_906_842_624, default: 5_368_709_120,
            "How many bytes one user may upload in all; more is answered with 403 (`M_FORBIDDEN`); 0 sets no limit."),
        .integer(
            "media.user_files", \.media.userFiles, in: 0...1_000_000_000, default: 100_000,
            "How many files one user may upload in all; more are answered with 403 (`M_FORBIDDEN`); 0 sets no limit."),
        .bool(
            "media.allow_unauthenticated", \.media.allowsUnauthenticated, default: false,
            "Whether files are also served at the old paths that ask for no access token; else 404 (`M_NOT_FOUND`)."),
        .value(
            "media.thumbnailer", \.media.thumbnailer, type: "a path, or nothing", default: "",
            "The program that makes thumbnails; if not set, the `hearth-thumbnail` beside the server's own program."
        ) { $0.utf8.contains(0) ? nil : $0 },
    ]

    private static let operation: [SettingDefinition] = [
        .bool(
            "board.enabled", \.board.isEnabled, default: true,
            "Whether the board, Hearth's own web page, is served at `/` where clients connect."),
        .optionalAddress(
            "metrics.listen", \.metrics.listen,
            "Where `/metrics` is served for a scraper, and `/health`; if not set, there are no metrics."),
        .optionalAddress(
            "admin.listen", \.admin.listen,
            "Where the admin API is served, beside everything that clients get; if not set, at `listen.address`."),
        .integer(
            "limits.request_body", \.limits.requestBody, in: 1024...1_073_741_824, default: 1_048_576,
            "The largest body of a request in bytes; a larger one is answered with 413 (`M_TOO_LARGE`). Four times as much must fit into "
                + "7/16 of `limits.buffers`."),
        .integer(
            "limits.disk_pages", \.limits.diskPages, in: 0...4_294_967_294, default: 0,
            "The largest size of the database in pages of 4096 bytes; 0 sets no limit."),
        .duration(
            "limits.longest_wait", \.limits.longestWait, default: "100ms",
            "How long tasks may wait for the processor before new work is refused with 429 (`M_LIMIT_EXCEEDED`); 0ms never refuses."
        ),
        .integer(
            "limits.buffers", \.limits.buffers, in: 1_048_576...1_099_511_627_776, default: 268_435_456,
            "How many bytes of large bodies and answers may be in memory at once, half of them for each; requests beyond that wait or are "
                + "answered with 429."),
        .integer(
            "limits.connections", \.limits.connections, in: 0...10_000_000, default: 0,
            "How many client connections are accepted at once, more wait; 0 accepts as many as the limit on open files allows."),
        .integer(
            "limits.connections_per_address", \.limits.connectionsPerAddress, in: 0...10_000_000, default: 0,
            "How many of them one IPv4 address or IPv6 /64 may have, except trusted proxies, 127.0.0.1 and ::1; 0 is a tenth, at least 16."
        ),
        .choice("log.level", \.log.level, default: .info, "The lowest severity that is logged."),
    ]
}
