import Testing

@testable import HearthServices

struct AdmissionTests {
    /// So many requests that each more may be refused.
    private func busy(_ admission: Admission) {
        for _ in 0..<Admission.harmless { admission.enter() }
    }

    private func overload(_ admission: Admission, processor: Duration = .zero, writer: Duration = .zero, reader: Duration = .zero)
    {
        for _ in 0..<50 { admission.observed(processorWait: processor, writerWait: writer, readerWait: reader) }
    }

    private func refusals(_ admission: Admission, of workload: Workload, among count: Int = 1024) -> [RefusalReason] {
        (0..<count).compactMap { _ in
            do throws(Overloaded) {
                try admission.admit(workload)
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
            try admission.admit(.change)
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
        for _ in Admission.harmless..<Admission.mostAwake { admission.enter() }
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
            try admission.admit(.read)
            admission.enter()
        }
        #expect(refusals(admission, of: .sync, among: 10) == Array(repeating: .requests, count: 10))
        #expect(admission.awakeCount == Admission.mostAwake)
        admission.leave()
        try admission.admit(.read)
    }

    @Test("whoever is refused is told to come later the less is admitted, and not all at the same moment")
    func retryAfter() {
        let admission = Admission()
        busy(admission)
        overload(admission, processor: .seconds(1))
        let waits = (0..<2000).compactMap { _ -> Duration? in
            do throws(Overloaded) {
                try admission.admit(.read)
                return nil
            } catch {
                return error.retryAfter
            }
        }
        #expect(waits.allSatisfy { (.seconds(4)..<Duration.seconds(5)).contains($0) })
        #expect(Set(waits).count > 500)
    }

    @Test("memory is lent up to the budget, and back when nobody holds it")
    func memory() throws {
        let admission = Admission(bufferedBytes: 100)
        var first: MemoryLoan? = try admission.memory(60)
        #expect(throws: Overloaded.self) { try admission.memory(41) }
        let second = try admission.memory(40)
        #expect(throws: Overloaded.self) { try admission.memory(1) }
        withExtendedLifetime(first) {}
        first = nil
        _ = try admission.memory(60)
        withExtendedLifetime(second) {}
    }
}
