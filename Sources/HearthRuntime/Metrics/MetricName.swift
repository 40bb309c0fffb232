/// The server's metrics: what they are called and what they tell. Units are in the names, as Prometheus has them.
///
/// The one list of them: help texts and buckets are made from it, and a test holds `docs/grafana-dashboard.json` to what is rendered.
public enum MetricName {
    static let transitions = "hearth_presence_transitions_total"
    static let publishSeconds = "hearth_publish_seconds"
    static let wakeUpSeconds = "hearth_wakeup_seconds"
    public static let requestSeconds = "hearth_http_request_seconds"
    static let legacyUses = "hearth_legacy_use_total"
    static let refusedWork = "hearth_refused_requests_total"
    package static let requestsInFlight = "hearth_requests_in_flight"
    package static let connections = "hearth_connections"
    package static let heldSyncs = "hearth_held_syncs"
    package static let livePeeks = "hearth_live_peeks"
    package static let watchingDevices = "hearth_watching_devices"
    package static let writerQueue = "hearth_writer_queue_operations"
    package static let presenceUsers = "hearth_presence_users"
    package static let presenceDevices = "hearth_presence_devices"
    package static let devices = "hearth_devices"
    package static let databaseBytes = "hearth_database_bytes"
    package static let processCPUSeconds = "process_cpu_seconds_total"
    package static let processMemoryBytes = "process_resident_memory_bytes"
    package static let processOpenFiles = "process_open_fds"
    package static let processMostFiles = "process_max_fds"
    package static let processStart = "process_start_time_seconds"

    /// Each with a sentence of help.
    public static let all: [(name: String, help: String)] = [
        (transitions, "Published changes of presence, by the value before, the value after and the rule that decided."),
        (publishSeconds, "From what changed a user's presence (a request, or the end of a waiting time) to the commit."),
        (
            wakeUpSeconds,
            "From a commit, or from the turn of presence that had to wait, to the finished answer of a held request."
        ),
        (
            requestSeconds,
            "How long requests took, by method and path pattern and by class of status; a held sync counts as long as it is held."
        ),
        (legacyUses, "Answers that used presence the old way, by client."),
        (
            refusedWork,
            "Requests that were told to come again because of overload, by what there was too little of."
        ),
        (requestsInFlight, "Requests that are being answered; those that wait for news or content are not among them."),
        (connections, "Open connections, of all listeners."),
        (heldSyncs, "Requests that wait for news."),
        (livePeeks, "Peeks of all devices that live."),
        (watchingDevices, "Devices with at least one live peek."),
        (writerQueue, "Write operations that wait for the next transaction."),
        (presenceUsers, "Users by the presence that stands published."),
        (presenceDevices, "Devices that presence is computed from: in contact lately, or with a working pusher."),
        (devices, "Devices that are logged in."),
        (databaseBytes, "Size of the database on the disk, its write-ahead log included."),
        (processCPUSeconds, "Processor time of the process, user and system."),
        (processMemoryBytes, "Resident memory of the process."),
        (processOpenFiles, "Open files and sockets of the process."),
        (processMostFiles, "How many files and sockets the process may have open."),
        (processStart, "When the process started, in seconds since 1970."),
    ]

    /// The bounds of a request's duration: up to the longest that clients usually wait for news.
    public static let requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
}
