public import Hummingbird
public import NIOCore

/// What Hummingbird keeps of a request beside it: the channel it came over, for the client's address and its going away.
public struct ClientContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    public let channel: any Channel
    let asker = Asker()

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
