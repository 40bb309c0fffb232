import DequeModule

/// Who asks for a password to be hashed.
enum HashAsker: Sendable, Hashable {
    /// Somebody of whom one knows that they belong here: by a valid token, or because they have logged in from this network before.
    case known(String)
    /// Anybody else, by network.
    case stranger(String)

}

/// Whose turn it is to have a password hashed. Pure.
///
/// Askers take turns, whatever each of them has waiting, and known ones go before strangers, who get every fourth turn. So a storm of
/// guesses delays whoever makes it, and somebody who has logged in before waits for hardly more than the hashes under way. Of each kind
/// `capacity` jobs wait at most; at the bound the newest job of the asker with the most of them has to go.
struct HashTurns<Job: Sendable>: Sendable {
    private let capacity: Int
    private var known = Lane()
    private var strangers = Lane()
    /// How many turns went to known askers since a stranger had one.
    private var turnsOfKnown = 0

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { known.count + strangers.count }

    /// Lets a job wait. Returns the one that has to go instead, which may be the same; nil where there is room.
    mutating func add(_ job: Job, of asker: HashAsker) -> Job? {
        switch asker {
        case .known(let name): known.add(job, of: name, capacity: capacity)
        case .stranger(let name): strangers.add(job, of: name, capacity: capacity)
        }
    }

    /// Takes the job whose turn it is.
    mutating func next() -> Job? {
        if turnsOfKnown < 3 || strangers.count == 0, let job = known.next() {
            turnsOfKnown += 1
            return job
        }
        turnsOfKnown = 0
        return strangers.next() ?? known.next()
    }

    private struct Lane: Sendable {
        private var jobs: [String: Deque<Job>] = [:]
        /// Who has jobs, the one whose turn is next in front.
        private var order: Deque<String> = []
        private(set) var count = 0

        mutating func add(_ job: Job, of name: String, capacity: Int) -> Job? {
            guard count >= capacity else {
                append(job, of: name)
                return nil
            }
            let own = jobs[name]?.count ?? 0
            guard let (largest, most) = jobs.map({ ($0.key, $0.value.count) }).max(by: { $0.1 < $1.1 }), most > own + 1 else {
                return job
            }
            append(job, of: name)
            count -= 1
            return jobs[largest]?.removeLast()
        }

        mutating func next() -> Job? {
            guard let name = order.popFirst(), var queue = jobs.removeValue(forKey: name), let job = queue.popFirst() else {
                return nil
            }
            count -= 1
            if !queue.isEmpty {
                jobs[name] = queue
                order.append(name)
            }
            return job
        }

        private mutating func append(_ job: Job, of name: String) {
            count += 1
            if jobs[name] == nil { order.append(name) }
            jobs[name, default: []].append(job)
        }
    }
}
