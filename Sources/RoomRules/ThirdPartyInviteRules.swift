import MatrixModel

/// The rules for an invite that answers an `m.room.third_party_invite`: an identity server vouches that the invited user owns the
/// address that was invited.
struct ThirdPartyInviteRules {
    /// How many pairs of signature and key are tried. Real invites have one or two; an event could hold hundreds of thousands.
    static let mostVerifications = 512

    private let rules: AuthRules
    private let target: UserID

    init(_ rules: AuthRules, target: UserID) {
        self.rules = rules
        self.target = target
    }

    func check() throws(AuthRuleViolation) {
        guard rules.membership(of: target) != .ban else { throw violation("\(target) is banned from the room.") }
        guard let signed = rules.event.content["third_party_invite"]?.objectValue?["signed"]?.objectValue,
            let user = signed["mxid"]?.stringValue, let token = signed["token"]?.stringValue
        else {
            throw violation("The third-party invite has no signed part that names user and token.")
        }
        guard user.hasSameBytes(as: target.rawValue) else {
            throw violation("The third-party invite was signed for \(user), not for \(target).")
        }
        guard let invite = rules.state.event(StateKey(.thirdPartyInvite, token)) else {
            throw violation("The room has no third-party invite with this token.")
        }
        guard invite.sender == rules.event.sender else {
            throw violation("The third-party invite was sent by \(invite.sender), not by \(rules.event.sender).")
        }
        guard isSigned(signed, byKeyOf: invite) else {
            throw violation("No signature of the third-party invite fits a key of the one in the room.")
        }
    }

    private func isSigned(_ signed: JSONObject, byKeyOf invite: SignedEvent) -> Bool {
        let keys = Self.publicKeys(of: invite)
        let bytes = EventSigning.signedBytes(of: signed)
        var verifications = 0
        for server in signed["signatures"]?.objectValue?.members ?? [] {
            for signature in server.value.objectValue?.members ?? [] where signature.key.utf8.starts(with: "ed25519:".utf8) {
                guard let decoded = signature.value.stringValue.flatMap(Base64.decode) else { continue }
                for key in keys {
                    verifications += 1
                    if verifications > Self.mostVerifications { return false }
                    if EventSigning.isValid(signature: decoded, over: bytes, publicKey: key) { return true }
                }
            }
        }
        return false
    }

    private static func publicKeys(of invite: SignedEvent) -> [[UInt8]] {
        let listed = invite.content["public_keys"]?.arrayValue ?? []
        let all = [invite.content["public_key"]] + listed.map { $0.objectValue?["public_key"] }
        return all.compactMap { $0?.stringValue.flatMap(Base64.decode) }
    }

    private func violation(_ sentence: String) -> AuthRuleViolation { AuthRuleViolation(.thirdPartyInvite, sentence) }
}
