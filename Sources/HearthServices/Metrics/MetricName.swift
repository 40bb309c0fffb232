/// What the server's metrics are called. Units are in the names, as Prometheus has them: seconds, bytes.
public enum MetricName {
    static let transitions = "hearth_presence_transitions_total"
    static let publishSeconds = "hearth_publish_seconds"
    static let wakeUpSeconds = "hearth_wakeup_seconds"
    static let requestSeconds = "hearth_http_request_seconds"
    static let legacyUses = "hearth_legacy_use_total"
}
