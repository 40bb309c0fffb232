public import MatrixModel

extension MatrixClient {
    /// One `/sync`. `timeout` is in milliseconds; what is nil stays out of the query.
    public func sync(
        since: String? = nil, timeout: Int = 0, setPresence: String? = nil, filter: JSON? = nil, fullState: Bool = false
    ) async throws -> SyncResponse {
        var query = ["timeout": String(timeout)]
        query["since"] = since
        query["set_presence"] = setPresence
        query["filter"] = filter?.text
        if fullState { query["full_state"] = "true" }
        let response = try await get("/sync", query: query)
        return SyncResponse(json: response.json, nextBatch: try response.string("next_batch"))
    }

    /// Syncs on until an answer satisfies the condition, and returns that answer.
    ///
    /// Throws ``UnexpectedResponse`` with all answers in it when none did within the limit. By default it says nothing about presence.
    public func syncUntil(
        since: String? = nil, within limit: Duration = .seconds(20), setPresence: String? = "offline", filter: JSON? = nil,
        _ condition: (SyncResponse) throws -> Bool
    ) async throws -> SyncResponse {
        let deadline = ContinuousClock.now + limit
        var since = since
        var seen: [String] = []
        repeat {
            let left = max(0, (deadline - ContinuousClock.now).wholeMilliseconds)
            let response = try await sync(since: since, timeout: Int(left), setPresence: setPresence, filter: filter)
            if try condition(response) { return response }
            since = response.nextBatch
            seen.append(response.json.text)
        } while ContinuousClock.now < deadline
        throw UnexpectedResponse("no sync within \(limit) was the awaited one:\n\(seen.joined(separator: "\n"))")
    }
}
