import Testing

@testable import hearth

@Suite("What the doctor makes of numbers")
struct VerdictTests {
    @Test("little space is doubtful, none is broken")
    func space() {
        let total: UInt64 = 100 << 30
        #expect(Verdict.diskSpace(free: 50 << 30, total: total, at: "/d").level == .fine)
        #expect(Verdict.diskSpace(free: (1 << 30) - 1, total: total, at: "/d").level == .doubtful)
        #expect(Verdict.diskSpace(free: (100 << 20) - 1, total: total, at: "/d").level == .broken)
    }

    @Test("a clock behind what was written is broken, a small step is not")
    func clock() {
        let now: Int64 = 1_795_609_800_000
        #expect(Verdict.clock(now: now, newestEvent: nil).level == .fine)
        #expect(Verdict.clock(now: now, newestEvent: now + 60_000).level == .fine)
        let behind = Verdict.clock(now: now, newestEvent: now + 3_600_000)
        #expect(behind.level == .broken && behind.sentence.contains("3600 s behind"))
        #expect(Verdict.clock(now: 86_400_000, newestEvent: nil).level == .broken)
    }

    @Test("few files, and a directory that others can enter, are doubtful")
    func rest() {
        #expect(Verdict.openFiles(limit: 1024).level == .doubtful)
        #expect(Verdict.openFiles(limit: 20_000).level == .fine)
        #expect(Verdict.permissions(0o755, of: "/d").level == .doubtful)
        #expect(Verdict.permissions(0o700, of: "/d").level == .fine)
    }

    @Test("whatever is not fine says how to mend it")
    func cures() {
        let findings = [
            Verdict.openFiles(limit: 1), Verdict.diskSpace(free: 0, total: 1, at: "/"), Verdict.clock(now: 0, newestEvent: nil),
            Verdict.permissions(0o777, of: "/d"), Verdict.openFiles(limit: 1 << 20),
        ]
        for finding in findings {
            #expect((finding.cure == nil) == (finding.level == .fine))
            #expect(finding.text.split(separator: "\n").count == (finding.cure == nil ? 1 : 2))
        }
    }
}
