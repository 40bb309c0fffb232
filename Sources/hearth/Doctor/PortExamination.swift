import HearthClient
import HearthSettings
import NIOCore
import NIOPosix

/// Looks whether the server can listen where it is told to, or does.
struct PortExamination {
    let settings: HearthSettings
    /// Whether a server has the data directory now.
    let isServing: Bool

    func run() async -> [Finding] {
        var findings = [await look(at: settings.listen.address, "listen.address", isAPI: true)]
        if let address = settings.metrics.listen { findings.append(await look(at: address, "metrics.listen", isAPI: false)) }
        if let address = settings.admin.listen { findings.append(await look(at: address, "admin.listen", isAPI: false)) }
        return findings
    }

    private func look(at address: HostAndPort, _ setting: String, isAPI: Bool) async -> Finding {
        if address.port == 0 { return .fine(setting, "\(address): any free port") }
        do {
            let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: address.host, port: address.port).get()
            try await channel.close().get()
            return isServing && isAPI
                ? .doubtful(
                    setting, "\(address) is free, though a server uses the data directory",
                    cure: "the server listens elsewhere: give this command the settings that it was started with")
                : .fine(setting, "\(address) is free")
        } catch let error as IOError where error.errnoCode == SystemError.addressInUse {
            return await taken(address, setting, isAPI: isAPI)
        } catch let error as IOError where error.errnoCode == SystemError.notPermitted {
            return .broken(
                setting, "\(address) may not be listened on by this user",
                cure: "take a port above 1023 and put a reverse proxy in front of it")
        } catch {
            return .broken(setting, "\(address) cannot be listened on: \(error)", cure: "choose an address of this machine")
        }
    }

    private func taken(_ address: HostAndPort, _ setting: String, isAPI: Bool) async -> Finding {
        let other = Finding.broken(
            setting, "another program listens on \(address)",
            cure: "stop it (`ss -ltnp` names it), or set \(setting) to another port")
        guard isServing else { return other }
        guard isAPI else { return .fine(setting, "\(address) is in use while the server runs") }
        let host = ["0.0.0.0", "::"].contains(address.host) ? "127.0.0.1:\(address.port)" : "\(address)"
        guard let url = ServerURL("http://\(host)") else { return other }
        do {
            return try await MatrixConnection(url: url).hasSubscribedPresence()
                ? .fine(setting, "\(address) is where the running server answers") : other
        } catch ConnectionError.unreachable {
            return .broken(
                setting, "\(address) is taken, but nobody answers there in time",
                cure: "look into the server's log; restart it if it hangs")
        } catch {
            return other
        }
    }
}
