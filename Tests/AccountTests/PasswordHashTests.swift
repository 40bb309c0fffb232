import Testing

@testable import HearthServices

@Suite("Passwords")
struct PasswordHashTests {
    private func parameters(_ cost: Int, _ parallelism: Int) throws -> ScryptParameters {
        try #require(ScryptParameters(cost: cost, parallelism: parallelism))
    }

    @Test("a stored password is read back and matches itself alone", arguments: 1...4, [1, 3, 16])
    func roundTrip(cost: Int, parallelism: Int) throws {
        let hash = try PasswordHash.make(of: "correct horse 🐴", parameters: parameters(cost, parallelism))
        let read = try #require(PasswordHash(hash.encoded))
        #expect(read == hash)
        #expect(hash.encoded.hasPrefix("$scrypt$ln=\(cost),r=8,p=\(parallelism)$"))
        #expect(try read.matches("correct horse 🐴"))
        #expect(try !read.matches("correct horse"))
        #expect(try !read.matches("Correct horse 🐴"))
    }

    @Test("a password is its bytes: another spelling of the same character is another password")
    func bytes() throws {
        let hash = try PasswordHash.make(of: "caf\u{E9}", parameters: parameters(1, 1))
        #expect(try !hash.matches("cafe\u{301}"))
    }

    @Test("two hashes of one password have nothing in common")
    func salted() throws {
        let one = try PasswordHash.make(of: "a", parameters: parameters(1, 1))
        let other = try PasswordHash.make(of: "a", parameters: parameters(1, 1))
        #expect(one.salt != other.salt)
        #expect(one.hash != other.hash)
    }

    @Test("a hash that another implementation of scrypt made is read and matches")
    func knownAnswer() throws {
        // N = 16, r = 8, p = 1, password "pleaseletmein", salt "SodiumChloride".
        let stored = "$scrypt$ln=4,r=8,p=1$U29kaXVtQ2hsb3JpZGU$Jan6IH+Hygmk74ufd3rKFr63hK4YML+/04MlqruTd98"
        #expect(try #require(PasswordHash(stored)).matches("pleaseletmein"))
    }

    @Test(
        "everything else is no stored password",
        arguments: [
            "", "$", "hunter2", "$scrypt$", "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHQ$",
            "$scrypt$ln=0,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
            "$scrypt$ln=21,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", "$scrypt$ln=4,r=9,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
            "$scrypt$ln=4,r=8,p=0$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", "$scrypt$ln=4,r=8,p=17$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
            "$argon2id$ln=4,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", "$scrypt$ln=4,r=8,p=1$!$aGFzaGhhc2hoYXNoaGFzaA",
            "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA$",
        ])
    func malformed(text: String) {
        #expect(PasswordHash(text) == nil)
    }

    @Test("nobody's password is checked like somebody's, and is never right")
    func decoy() async throws {
        let hasher = PasswordHasher(parameters: try parameters(1, 1))
        #expect(try await !hasher.verify("a", against: nil, for: .stranger("n")))
        #expect(try await !hasher.verify("a", against: "no hash", for: .stranger("n")))
        let stored = try await hasher.hash("a", for: .known("k"))
        #expect(try await hasher.verify("a", against: stored, for: .known("k")))
    }

    @Test("what does not fit into the queue is refused at once, and all that fits is done")
    func bounded() async throws {
        let hasher = PasswordHasher(parameters: try parameters(12, 1), mostAtOnce: 1, mostWaiting: 3)
        let results = await withTaskGroup(of: Result<Bool, AccountError>.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    do throws(AccountError) {
                        return .success(try await hasher.verify("a", against: nil, for: .stranger("n")))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let done = results.count { $0 == .success(false) }
        let refused = results.count { $0 == .failure(.rateLimited(retryAfter: .seconds(1))) }
        #expect(done >= 4)
        #expect(done + refused == 40)
        #expect(try await !hasher.verify("a", against: nil, for: .stranger("n")))
    }

    @Test(
        "a wrong password takes as long against a cheaper hash of earlier as against one of today", arguments: 1...6,
        [1, 2, 3, 16])
    func missingWork(cost: Int, parallelism: Int) throws {
        let own = try parameters(cost, parallelism)
        for standard in [try parameters(15, 3), try parameters(17, 1), try parameters(3, 1), try parameters(1, 1)] {
            let missing = own.missing(to: standard)
            let whole = own.work + missing.reduce(0) { $0 + $1.work }
            #expect(whole <= max(own.work, standard.work))
            #expect(Double(whole) > 0.9 * Double(standard.work))
            #expect(missing.allSatisfy { $0.cost <= max(standard.cost, 1) && $0.cost >= 1 })
        }
        #expect(try parameters(15, 1).missing(to: parameters(15, 3)) == [parameters(15, 2)])
    }
}
