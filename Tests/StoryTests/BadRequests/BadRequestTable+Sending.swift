extension BadRequest {
    /// The request as it is sent: under a random one of the prefixes, with the token where clients put it.
    func request(in scene: BadRequestScene, number: Int, using random: inout SeededGenerator) -> RawRequest {
        var target = scene.fill(path, number: number, encoded: true)
        if !target.hasPrefix("/_") { target = "/_matrix/client/" + (Bool.random(using: &random) ? "v3" : "r0") + target }
        var headers = [("Content-Type", "application/json")]
        let value: String? =
            switch token {
            case .alice: scene.token(of: "alice")
            case .unknown: "nobody-has-this-\(number)"
            case .none: nil
            }
        if let value {
            if Int.random(in: 0..<4, using: &random) == 0 {
                target += (target.contains("?") ? "&" : "?") + "access_token=\(value)"
            } else {
                headers.append(("Authorization", "Bearer \(value)"))
            }
        }
        let body = Array(scene.fill(body, number: number, encoded: false).utf8)
        return RawRequest(method: method, target: target, headers: headers, body: body)
    }

    /// What is wrong with an answer; nil when it is the one that the table asks for.
    func fault(in answer: RawAnswer) -> String? {
        if let fault = BadRequestStory.fault(in: answer) { return fault }
        let code = BadRequestStory.errorCode(of: answer)
        return answer.status == status && code == self.code
            ? nil
            : "expected \(status) \(self.code), got \(answer.status) \(String(decoding: answer.body.prefix(200), as: UTF8.self))"
    }
}
