import AsyncHTTPClient
public import HearthServices
import HearthSettings
import NIOCore
import NIOHTTP1

/// Posts notifications to push gateways over HTTP.
///
/// The gateway's URL comes from a user, so where it leads is checked after its name was resolved, and the connection goes to the very
/// address that was checked: a name that changes its meaning in between (DNS rebinding) changes nothing. Redirects are not followed.
public final class HTTPPushGateway: PushGatewayClient {
    private static let timeout: Duration = .seconds(20)
    private static let largestAnswer = 65_536

    private let allowsPrivate: Bool
    private let connections = GatewayConnections()
    private let names = NameLookUps()

    /// - Parameter allowsPrivate: whether gateways may be at private, local or reserved addresses.
    public init(allowsPrivate: Bool) { self.allowsPrivate = allowsPrivate }

    public func post(_ body: [UInt8], to url: GatewayURL) async throws(PushGatewayError) -> GatewayResponse {
        do {
            return try await withThrowingTaskGroup(of: GatewayResponse.self) { group in
                group.addTask { try await self.exchange(body, with: url) }
                group.addTask {
                    try await Task.sleep(for: Self.timeout)
                    throw PushGatewayError.timedOut
                }
                defer { group.cancelAll() }
                guard let response = try await group.next() else { throw PushGatewayError.cancelled }
                return response
            }
        } catch let error as PushGatewayError {
            throw error
        } catch {
            throw Task.isCancelled ? .cancelled : .connectionFailed
        }
    }

    public func shutDown() async { await connections.shutDown() }

    private func exchange(_ body: [UInt8], with url: GatewayURL) async throws -> GatewayResponse {
        let address = try await address(of: url)
        return try await connections.with(GatewayTarget(host: url.host, address: address)) { client in
            var request = HTTPClientRequest(url: url.description)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.headers.add(name: "User-Agent", value: "hearth")
            request.body = .bytes(ByteBuffer(bytes: body))
            let response = try await client.execute(request, timeout: TimeAmount(Self.timeout))
            do {
                let bytes = try await response.body.collect(upTo: Self.largestAnswer)
                return GatewayResponse(status: Int(response.status.code), body: Array(bytes.readableBytesView))
            } catch is NIOTooManyBytesError {
                throw PushGatewayError.answerTooLarge
            }
        }
    }

    /// The address to connect to: the first that is allowed.
    private func address(of url: GatewayURL) async throws -> String {
        let addresses = url.address == nil ? try await names.addresses(of: url.host) : [url.host]
        guard !addresses.isEmpty else { throw PushGatewayError.unknownHost }
        let allowed = addresses.first { text in
            // An address of a form that is not known is not known to be public.
            allowsPrivate || (IPAddress(text)?.isPublic ?? false)
        }
        guard let allowed else { throw PushGatewayError.forbiddenAddress }
        return allowed
    }
}
