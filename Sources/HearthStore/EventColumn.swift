/// The columns of `events` in the order of the schema: queries select all of them, and others only behind them.
enum EventColumn: Int {
    case position, eventID, roomID, type, stateKey, sender, originServerTS, isLane, json, unsigned, deviceID, transactionID
}
