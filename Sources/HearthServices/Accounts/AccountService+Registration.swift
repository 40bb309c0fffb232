public import HearthRuntime
import HearthSettings
import HearthStore
public import MatrixModel
import Synchronization

extension AccountService {
    /// Makes an account: user, profile room and, unless inhibited, device and token, in one transaction.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3register). Without `auth` the answer is the challenge,
    /// but for a name that cannot be had. A client that did not get the last answer of a session gets it by the same request once more, while
    /// the session lasts and the device is logged in. Where registration is not open it takes a registration token; where there are none, it is closed.
    public func register(
        _ request: RegistrationRequest, from address: ClientAddress
    ) async throws(AccountError) -> RegistrationAnswer {
        let network = address.rateLimitKey
        // What was done already is asked for: the name is taken by it, and perhaps the last registration token used up.
        let repeated = UIARequest(operation: .registration, owner: .network(network), digest: digest(of: request))
        if let answer = answer(before: repeated, auth: request.auth) { return answer }
        // Names and tokens are guessed in this way, and whoever only asks what is to be done first reads as much.
        try limits.take(.availabilityByAddress, for: network, now: clock.now())
        let stage = try await registrationStage()
        let userID = try await newUserID(request.username)
        let session = UIARequest(operation: .registration, owner: .network(network))
        let pass = try await authenticate(request.auth, for: session, stage: stage) { attempt throws(AccountError) in
            guard case .registrationToken(let token) = attempt else { return .passed(UIASessions.Completion()) }
            if let refusal = try await self.refusal(ofRegistrationToken: token) { return .failed(refusal) }
            return .passed(UIASessions.Completion(registrationToken: token))
        }
        guard let password = request.password else { throw .passwordMissing }
        try PasswordRules.check(password)
        try Self.check(displayName: request.initialDeviceDisplayName)
        let now = clock.now()
        try limits.take(.registrationByAddress, for: network, now: now)
        let hash = try await passwords.hash(password, for: .stranger(network))
        let device = request.inhibitLogin ? nil : DeviceKey(user: userID, device: request.deviceID ?? Self.newDeviceID())
        let answer = try await write { context in
            if let token = pass.registrationToken,
                try !context.transaction.registrationTokens.use(token, at: context.now.wall)
            {
                throw AccountError.registrationClosed
            }
            try self.insertUser(userID, passwordHash: hash, isAdmin: false, in: context)
            let login = try device.map {
                try self.logIn($0, displayName: request.initialDeviceDisplayName, in: context)
            }
            let answer = RegistrationAnswer(userID: userID, login: login)
            context.afterCommit { [self] in sessions.finish(pass, with: answer, to: repeated.digest) }
            return answer
        }
        knownNetworks.withLock { $0.note(userID, at: network, now: now.monotonic) }
        return answer
    }

    /// What the request was answered before, if that still stands.
    private func answer(before request: UIARequest, auth: UIAuth?) -> RegistrationAnswer? {
        guard let session = auth?.session,
            let answer = sessions.answer(in: session, to: request, now: clock.now())
        else { return nil }
        if let login = answer.login, tokens.requester(for: AccessTokenHash(of: login.accessToken)) == nil { return nil }
        return answer
    }

    /// What tells a registration from others; `auth` aside, in which a client sends the session alone once a stage is completed.
    private func digest(of request: RegistrationRequest) -> [UInt8] {
        func bytes(_ text: String?) -> [UInt8] { text.map { [1] + Array($0.utf8) } ?? [] }
        return digest(
            bytes(request.username), bytes(request.password), bytes(request.deviceID?.rawValue),
            bytes(request.initialDeviceDisplayName), [request.inhibitLogin ? 1 : 0])
    }

    /// Returns when the name can be had now.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3registeravailable).
    public func checkAvailability(of username: String, from address: ClientAddress) async throws(AccountError) {
        try limits.take(.availabilityByAddress, for: address.rateLimitKey, now: clock.now())
        _ = try await registrationStage()
        _ = try await newUserID(username)
    }

    /// Makes an account for the operator: past rate limits and whatever registration says. The only way to make an administrator.
    public func createUser(localpart: String, password: String, isAdmin: Bool) async throws(AccountError) -> UserID {
        let userID = try checked(localpart)
        try PasswordRules.check(password)
        let hash = try await passwords.hash(password, for: Self.theOperator)
        try await write { context in
            try self.insertUser(userID, passwordHash: hash, isAdmin: isAdmin, in: context)
        }
        return userID
    }

    private func insertUser(_ userID: UserID, passwordHash: String, isAdmin: Bool, in context: WriteContext) throws {
        guard try context.transaction.users.user(userID) == nil else { throw AccountError.usernameTaken }
        try context.transaction.users.insert(userID, passwordHash: passwordHash, isAdmin: isAdmin, at: context.now.wall)
        if isAdmin { tokens.noteAdmin(userID, in: context) }
        for follower in followers { try follower.registered(userID, in: context) }
    }

    // MARK: Who may register

    private func registrationStage() async throws(AccountError) -> UIAStage {
        if settings.registration.isOpen { return .dummy }
        let now = clock.now().wall
        guard try await read({ try $0.registrationTokens.hasValid(at: now) }) else { throw .registrationClosed }
        return .registrationToken
    }

    private func refusal(ofRegistrationToken token: String) async throws(AccountError) -> UIAChallenge.Failure? {
        let now = clock.now().wall
        if try await read({ try $0.registrationTokens.isValid(token, at: now) }) { return nil }
        return UIAChallenge.Failure(code: .forbidden, sentence: "This registration token is not valid.")
    }

    // MARK: Names

    /// The id of a new user of this name, or of one that the server makes up. Keyboards begin names with a capital: capitals become small letters.
    private func newUserID(_ username: String?) async throws(AccountError) -> UserID {
        guard let username else { return try checked(SecureRandom.text(12, of: "abcdefghijklmnopqrstuvwxyz")) }
        let userID = try checked(username.withSmallLetters)
        guard try await read({ try $0.users.user(userID) }) == nil else { throw .usernameTaken }
        return userID
    }

    private func checked(_ localpart: String) throws(AccountError) -> UserID {
        // A colon in the text would make it a user id of another server: the parts are compared with what they were made of.
        guard let userID = UserID(localpart: localpart, server: server.name), userID.isStrict,
            userID.localpart.utf8.elementsEqual(localpart.utf8),
            RoomAlias(localpart: "@\(localpart)", server: server.name) != nil
        else { throw .usernameInvalid }
        if localpart.hasSameBytes(as: ServerIdentity.reservedLocalpart) { throw .usernameReserved }
        return userID
    }
}

extension String {
    /// With A to Z in small letters and everything else as it is: no other letter may turn into one of a user name.
    fileprivate var withSmallLetters: String {
        String(decoding: utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
