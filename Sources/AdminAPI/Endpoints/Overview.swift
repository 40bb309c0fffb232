import ClientAPI
import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// GET /_hearth/admin/v1/overview: how the server is doing now.
enum GetOverview: AdminEndpoint {
    static let method = HTTPRequest.Method.get
    static let path = "overview"

    static func answer(_ call: AdminCall) async throws -> ClientAnswer {
        ClientAnswer(try await call.services.watch.overview().json)
    }
}

extension ServerOverview {
    fileprivate var json: JSONObject {
        [
            "version": .string(version), "uptime_ms": .integer(uptime.wholeMilliseconds), "users": .integer(Int64(users)),
            "devices": .integer(Int64(devices)), "held_syncs": .integer(Int64(heldSyncs)),
            "live_peeks": .integer(Int64(livePeeks)), "watching_devices": .integer(Int64(watchingDevices)),
            "transitions_per_second": [
                "last_second": .double(transitionsLastSecond), "last_minute": .double(transitionsLastMinute),
            ],
            "publish_latency_ms": publishLatency.map { .object($0.json) } ?? .null,
            "wakeup_latency_ms": wakeUpLatency.map { .object($0.json) } ?? .null,
            "writer_queue": .integer(Int64(writerQueue)), "database_bytes": .integer(Int64(databaseBytes)),
            "legacy": .object(legacy.json),
        ]
    }
}

extension DurationPercentiles {
    /// In milliseconds with their fractions.
    fileprivate var json: JSONObject {
        [
            "count": .integer(Int64(count)), "p50": .double(p50 / .milliseconds(1)), "p95": .double(p95 / .milliseconds(1)),
            "p99": .double(p99 / .milliseconds(1)),
        ]
    }
}

extension LegacyOverview {
    fileprivate var json: JSONObject {
        var json: JSONObject = [
            "verdict": .string(verdict.rawValue), "safe_to_switch_off": .bool(verdict.isSafeToSwitchOff),
            "sentence": .string(verdict.sentence), "counted_since_ts": .integer(countedSince.milliseconds),
            "clients": .array(clients.map { .object($0.json) }),
        ]
        json["sunset_ts"] = sunset.map { .integer($0.milliseconds) }
        json["last_use_ts"] = lastUse.map { .integer($0.milliseconds) }
        return json
    }
}

extension LegacyUseTable.Entry {
    fileprivate var json: JSONObject {
        [
            "client": .string(client), "uses": .integer(Int64(count)), "first_use_ts": .integer(first.milliseconds),
            "last_use_ts": .integer(last.milliseconds),
        ]
    }
}
