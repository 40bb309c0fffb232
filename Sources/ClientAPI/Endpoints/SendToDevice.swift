import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// PUT /_matrix/client/v3/sendToDevice/{eventType}/{txnId}: messages to devices, outside of every room.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3sendtodeviceeventtypetxnid). Devices that do not exist here are
/// passed over.
enum PutSendToDevice: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = Paths.stable("sendToDevice/:eventType/:transactionID")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.toDevice, by: requester.user)
        let (type, transaction) = (try call.path.eventType(), try call.path.transactionID())
        var recipients: [ToDeviceSending.Recipient] = []
        for member in try await call.body().requiredObject("messages").json.members {
            let user = try KeyMap.user(member.key, in: "messages")
            guard let devices = member.value.objectValue else {
                throw ClientFailure.badJSON("\"messages\" maps users to devices.")
            }
            for device in devices.members {
                guard let content = device.value.objectValue else {
                    throw ClientFailure.badJSON("A message to a device is an object.")
                }
                if device.key.hasSameBytes(as: "*") {
                    recipients.append(ToDeviceSending.Recipient(user: user, device: nil, content: content))
                } else if let id = DeviceID(device.key) {
                    recipients.append(ToDeviceSending.Recipient(user: user, device: id, content: content))
                }
            }
        }
        try await call.services.encryption.toDevice.send(
            ToDeviceSending(type: type, recipients: recipients, transactionID: transaction), by: requester.key)
        return .empty
    }
}
