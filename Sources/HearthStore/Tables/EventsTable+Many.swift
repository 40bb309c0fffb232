import MatrixModel

extension EventsTable {
    /// All events of a prepared query that selects the columns of `events` and others only behind them, each counted before it is taken
    /// (``ReadMeter``).
    ///
    /// - Parameters:
    ///   - known: events that were read already, in stream order: they are not read again. The query's are in that order then.
    ///   - mayPassOver: whether rows of which nothing can be made are passed over; else they are an error.
    func all(
        _ sql: String, _ arguments: StatementArguments, knowing known: [PersistedEvent] = [], mayPassOver: Bool = true
    ) throws -> [PersistedEvent] {
        var events: [PersistedEvent] = []
        var reader: EventRowReader?
        var count = MeteredRead.meter.map { RowCount(meter: $0) }
        var rest = known[...]
        try db.connection.each(sql, try arguments.storable()) { row, current in
            var usual = reader ?? EventRowReader(current)
            defer { reader = usual }
            if !rest.isEmpty {
                let position = usual.position
                rest = rest.drop { $0.position < position }
                if let event = rest.first, event.position == position {
                    events.append(event)
                    return true
                }
            }
            try count?.takes(usual.bytes)
            let event = try usual.event() ?? (mayPassOver ? db.readable(row, persisted) : persisted(row))
            if let event { events.append(event) }
            return true
        }
        try count?.report()
        return events
    }
}
