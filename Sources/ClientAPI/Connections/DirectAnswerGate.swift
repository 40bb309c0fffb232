import NIOCore
import NIOHTTPTypes

/// Puts the handlers of direct answers where they belong, once the pipeline is complete, and stands between the HTTP codec and the handler
/// that counts a connection's requests and closes idle ones: to that one, what they answer is a request like any other.
final class DirectAnswerGate: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let answers: DirectAnswers
    private var context: ChannelHandlerContext?
    private var isSent = false

    init(answers: DirectAnswers) { self.answers = answers }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        do {
            try answers.install(in: context.pipeline.syncOperations, gate: self)
        } catch {
            // Without those handlers, every request goes to the responder.
            context.fireErrorCaught(error)
        }
        context.fireChannelActive()
    }

    /// Gives a request to the handlers behind this one, as if the codec had read it.
    func deliver(_ poll: Poll) {
        for part in poll.parts { context?.fireChannelRead(part) }
    }

    /// Lets the handlers before this one see the end of an answer whose bytes were sent already.
    func passing(_ write: () -> Void) {
        isSent = true
        write()
        isSent = false
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isSent { promise?.succeed() } else { context.write(data, promise: promise) }
    }
}
