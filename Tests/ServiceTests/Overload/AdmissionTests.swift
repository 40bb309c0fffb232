import MatrixModel
import Synchronization
import Testing

@testable import HearthRuntime
@testable import HearthServices
@testable import HearthSettings

struct AdmissionTests {
    /// So many requests that each more may be refused.
    private func busy(_ admission: Admission) {
        for _ in 0..<Admission.harmless { admission.enter() }
    }

    private func overload(_ admission: Admission, processor: Duration = .zero, writer: Duration = .zero, reader: Duration = .zero)
    {
        for _ in 0..<50 {
            admission.observed(processorWait: processor, writerWait: ExpectedWait(writer), readerWait: ExpectedWait(reader))
        }
    }

    private func refusals(_ admission: Admission, of workload: Workload, among count: Int = 1024) -> [RefusalReason] {
        (0..<count).compactMap { _ in
            do throws(Overloaded) {
                try admission.admit(workload) { MemoryBorrower() }
                return nil
            } catch {
                return error.reason
            }
        }
    }

    @Test("a server that does little refuses nothing, however long things take")
    func harmless() throws {
        let admission = Admission()
        overload(admission, processor: .seconds(5), writer: .seconds(5))
        for _ in 0..<Admission.harmless {
            try admission.admit(.change) { MemoryBorrower() }
            admission.enter()
        }
        for _ in 0..<Admission.harmless { admission.leave() }
        #expect(admission.awakeCount == 0)
    }

    @Test("it holds off once many requests are being answered and work waits, or too many are, and not before")
    func holdingOff() {
        let admission = Admission()
        overload(admission, processor: .seconds(1))
        #expect(!admission.isHoldingOff, "few requests")
        busy(admission)
        #expect(admission.isHoldingOff)
        overload(admission)
        overload(admission)
        #expect(!admission.isHoldingOff, "nothing waits")
        for _ in Admission.harmless..<Admission.mostAwake / 2 { admission.enter() }
        #expect(admission.isHoldingOff)
        admission.leave()
        #expect(!admission.isHoldingOff)
    }

    @Test("while work waits for the processor, most of it is refused, and syncs last")
    func processor() {
        let admission = Admission()
        busy(admission)
        #expect(refusals(admission, of: .read) == [])
        overload(admission, processor: .seconds(1))
        #expect(refusals(admission, of: .read).count == 1024 - AdmittedShare.least)
        #expect(refusals(admission, of: .change).count == 1024 - AdmittedShare.least)
        #expect(refusals(admission, of: .sync).count == 1024 - AdmittedShare.least * 8)
        #expect(Set(refusals(admission, of: .sync)) == [.processor])
        overload(admission)
        overload(admission)
        #expect(refusals(admission, of: .read) == [])
    }

    @Test("while only the writer is behind, reads and syncs go on")
    func writer() {
        let admission = Admission()
        busy(admission)
        overload(admission, writer: .seconds(2))
        #expect(refusals(admission, of: .read) == [])
        #expect(refusals(admission, of: .sync) == [])
        #expect(Set(refusals(admission, of: .change)) == [.writer])
    }

    @Test("while only the readers are behind, changes go on")
    func reader() {
        let admission = Admission()
        busy(admission)
        overload(admission, reader: .seconds(2))
        #expect(refusals(admission, of: .change) == [])
        #expect(Set(refusals(admission, of: .read)) == [.reader])
    }

    @Test("what sleeps is not counted, however much of it there is, and goes on unasked")
    func asleep() async throws {
        let admission = Admission()
        admission.enter()
        await admission.asleep { #expect(admission.awakeCount == 0) }
        #expect(admission.awakeCount == 1)
        do {
            try await admission.asleep { throw CancellationError() }
        } catch {}
        #expect(admission.awakeCount == 1)
    }

    @Test("more than so many requests at once are refused whatever the load")
    func mostAwake() throws {
        let admission = Admission()
        for _ in 0..<Admission.mostAwake {
            try admission.admit(.read) { MemoryBorrower() }
            admission.enter()
        }
        #expect(refusals(admission, of: .sync, among: 10) == Array(repeating: .requests, count: 10))
        #expect(admission.awakeCount == Admission.mostAwake)
        admission.leave()
        try admission.admit(.read) { MemoryBorrower() }
    }

    @Test("whoever is refused is told to come later the less is admitted, and not all at the same moment")
    func retryAfter() {
        let admission = Admission()
        busy(admission)
        overload(admission, processor: .seconds(1))
        let waits = (0..<2000).compactMap { _ -> Duration? in
            do throws(Overloaded) {
                try admission.admit(.read) { MemoryBorrower() }
                return nil
            } catch {
                return error.retryAfter
            }
        }
        #expect(waits.allSatisfy { (.seconds(4)..<Duration.seconds(5)).contains($0) })
        #expect(Set(waits).count > 500)
    }

    @Test("memory is lent up to a use's part of the budget, none of it takes another's, and it comes back when nobody holds it")
    func memory() throws {
        let admission = Admission(bufferedBytes: 1600, largestBody: 175)
        let nobody = MemoryBorrower()
        var first: MemoryLoan? = try admission.memory(400, for: .answers, to: nobody)
        #expect(throws: Overloaded.self) { try admission.memory(301, for: .answers, to: nobody) }
        let second = try admission.memory(300, for: .answers, to: nobody)
        #expect(throws: Overloaded.self) { try admission.memory(10, for: .answers, to: nobody) }
        _ = try admission.memory(6, for: .answers, to: nobody)
        let body = try admission.memory(700, for: .bodies, to: nobody)
        #expect(throws: Overloaded.self) { try admission.memory(1, for: .bodies, to: nobody) }
        let login = try admission.memory(100, for: .strangersBodies, to: nobody)
        first?.shrink(to: 300)
        _ = try admission.memory(100, for: .answers, to: nobody)
        withExtendedLifetime(first) {}
        first = nil
        _ = try admission.memory(400, for: .answers, to: nobody)
        withExtendedLifetime((second, body, login)) {}
    }

    @Test("a user may hold an eighth, an address a quarter, and either one loan of any size; then nothing is left over")
    func shares() {
        var shares = MemoryShares(of: 3200, for: .answers, largest: 0)
        let home = "home"
        let alice = MemoryBorrower(user: UserID("@alice:x"), address: home)
        let bob = MemoryBorrower(user: UserID("@bob:x"), address: home)
        let carol = MemoryBorrower(user: UserID("@carol:x"), address: home)
        let stranger = MemoryBorrower(user: UserID("@dan:x"), address: "elsewhere")
        var loans: [(Int, MemoryBorrower)] = []
        func lend(_ bytes: Int, _ borrower: MemoryBorrower) -> Bool {
            guard shares.lend(bytes, to: borrower) else { return false }
            loans.append((bytes, borrower))
            return true
        }
        #expect(lend(200, alice))
        #expect(!lend(1, alice), "her eighth is taken")
        #expect(lend(200, bob))
        #expect(!lend(1, carol), "the quarter of their address is taken")
        #expect(lend(1000, stranger), "the first loan may be all that is there")
        #expect(!lend(13, MemoryBorrower()), "nothing is there any more")
        #expect(lend(12, MemoryBorrower()), "but a little for those who need little")
        for (bytes, borrower) in loans { shares.giveBack(bytes, from: borrower) }
        #expect(shares.isEmpty)
    }

    @Test("the share of a user is enough for one body of the largest size, in however many loans")
    func largestBody() {
        var shares = MemoryShares(of: 1600, for: .bodies, largest: 600)
        let alice = MemoryBorrower(user: UserID("@alice:x"), address: "home")
        let isLent = (0..<6).map { _ in shares.lend(100, to: alice) }
        let isOneMore = shares.lend(1, to: alice)
        #expect(isLent.allSatisfy { $0 })
        #expect(!isOneMore)
    }

    @Test("who waits for much goes in the order of coming; who has enough holds up nobody, and who needs little does not wait")
    func line() {
        var shares = MemoryShares(of: 2560, for: .answers, largest: 0)
        let (alice, bob) = (MemoryBorrower(user: UserID("@alice:x")), MemoryBorrower(user: UserID("@bob:x")))
        func lend(_ bytes: Int, _ borrower: MemoryBorrower) -> Bool { shares.lend(bytes, to: borrower) }
        func turn(_ place: Int?) -> Int? { place.flatMap { shares.lend(toPlace: $0)?.bytes } }
        #expect(lend(1000, alice))
        let (first, second) = (shares.queue(500, for: alice), shares.queue(400, for: bob))
        #expect(turn(first) == nil, "she holds more than her share")
        #expect(turn(second) == nil, "there is not enough")
        #expect(!lend(100, MemoryBorrower()), "who comes later waits as well")
        #expect(lend(10, MemoryBorrower()))
        shares.giveBack(10, from: MemoryBorrower())
        shares.giveBack(1000, from: alice)
        #expect(turn(second) == nil, "it is not his turn any more")
        #expect(turn(first) == 500)
        #expect(turn(second) == 400)
        let third = shares.queue(10, for: MemoryBorrower())
        #expect(turn(third) == nil, "two are being made")
        var hasTurn = true
        let isMore = shares.lend(100, to: bob, besides: 400, hasTurn: &hasTurn)
        #expect(isMore, "who has a turn does not wait behind those who have none")
        hasTurn = false
        let isAnother = shares.lend(11, to: MemoryBorrower(), besides: 0, hasTurn: &hasTurn)
        #expect(!isAnother && !hasTurn, "what needs much waits for a turn")
        shares.giveBack(500, from: alice)
        shares.endTurn()
        #expect(turn(third) == 10)
        shares.giveBack(10, from: MemoryBorrower())
        shares.giveBack(500, from: bob)
        shares.endTurn()
        shares.endTurn()
        #expect(shares.isEmpty)
        let most = shares.queue(1_000_000, for: alice)
        #expect(turn(most) == 1120, "no more than there is")
    }

    @Test("two requests of a user wait, and so many in all")
    func lengthOfLine() {
        var shares = MemoryShares(of: 2560, for: .answers, largest: 0)
        func queue(_ number: Int) -> Int? { shares.queue(10, for: MemoryBorrower(user: UserID("@user\(number):x"))) }
        let places = (0..<3).map { _ in queue(0) }
        #expect(places.map { $0 != nil } == [true, true, false])
        let all = (1...MemoryShares.mostWaiting).compactMap { queue($0) }
        #expect(all.count == MemoryShares.mostWaiting - 2)
    }

    @Test("what is read borrows before it is taken; where memory is short it begins again when others are done, or is refused")
    func answerMemory() async throws {
        let admission = Admission(bufferedBytes: 16_777_216, patience: .milliseconds(200))
        let alice = MemoryBorrower(user: UserID("@alice:x"))
        let memory = AnswerMemory(admission: admission) { alice }
        for _ in 0..<10 { try memory.takes(100_000) }
        do {
            let loan = try #require(try memory.settle(for: 300_000))
            withExtendedLifetime(loan) {}
        }

        var other: MemoryLoan? = try admission.memory(5_000_000, for: .answers, to: MemoryBorrower())
        let next = AnswerMemory(admission: admission) { MemoryBorrower(user: UserID("@bob:x")) }
        func read() throws { for _ in 0..<10 { try next.takes(100_000) } }
        let error = #expect(throws: (any Error).self) { try read() }
        await #expect(throws: Overloaded.self, "nobody is done in time") {
            try await next.mayBeginAgain(after: try #require(error))
        }
        let again = AnswerMemory(admission: admission) { MemoryBorrower(user: UserID("@carol:x")) }
        let short = #expect(throws: (any Error).self) { for _ in 0..<10 { try again.takes(100_000) } }
        withExtendedLifetime(other) {}
        other = nil
        #expect(try await again.mayBeginAgain(after: try #require(short)))
        for _ in 0..<10 { try again.takes(100_000) }
        #expect(try await again.mayBeginAgain(after: CancellationError()) == false, "another error is none of this")
        #expect(try again.settle(for: 100) == nil)
    }

    @Test("a place for more than there is gets the rest once half is free; who receives slowly holds up nobody")
    func placeForMuch() {
        var shares = MemoryShares(of: 2560, for: .answers, largest: 0)
        let (slow, slower) = (MemoryBorrower(user: UserID("@slow:x")), MemoryBorrower(user: UserID("@slower:x")))
        let isLent = shares.lend(1, to: slow) && shares.lend(600, to: slower)
        #expect(isLent)
        let place = shares.queue(1_000_000, for: MemoryBorrower(user: UserID("@alice:x")))
        func turn() -> Int? { place.flatMap { shares.lend(toPlace: $0)?.bytes } }
        #expect(turn() == nil, "more than half is lent")
        shares.giveBack(600, from: slower)
        #expect(turn() == 1119)
    }

    @Test("an answer of what memory held is counted as large as it is, whatever was read for it")
    func answerFromMemory() throws {
        let admission = Admission(bufferedBytes: 16_777_216)
        let memory = AnswerMemory(admission: admission) { MemoryBorrower(user: UserID("@alice:x")) }
        try memory.takes(20_000)
        let read = admission.lentBytes
        let loan = try #require(try memory.settle(for: 3_000_000))
        #expect(read < 300_000)
        #expect(loan.size == 3_000_000 && admission.lentBytes == 3_000_000)
        let other = AnswerMemory(admission: admission) { MemoryBorrower(user: UserID("@bob:x")) }
        try other.takes(20_000)
        #expect(throws: Overloaded.self) { try other.settle(for: 6_000_000) }
        withExtendedLifetime(loan) {}
    }

    private final class Client: Sendable {
        let isGone = Atomic(false)
    }

    @Test("nobody waits for memory whose client has left, nor once the server stops", arguments: [true, false])
    func endOfWaiting(clientLeaves: Bool) async throws {
        let admission = Admission(bufferedBytes: 16_777_216)
        let all = try admission.memory(7_000_000, for: .answers, to: MemoryBorrower())
        let client = Client()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let memory = AnswerMemory(
                    admission: admission, isGone: { client.isGone.load(ordering: .relaxed) }, borrower: { MemoryBorrower() })
                do {
                    for _ in 0..<10 { try memory.takes(100_000) }
                } catch {
                    _ = try await memory.mayBeginAgain(after: error)
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            if clientLeaves { client.isGone.store(true, ordering: .relaxed) } else { admission.shutDown() }
            do {
                try await group.waitForAll()
                Issue.record("it got memory")
            } catch {
                #expect(clientLeaves ? error is Overloaded : error as? WriteError == .shuttingDown)
            }
        }
        withExtendedLifetime(all) {}
    }
}
