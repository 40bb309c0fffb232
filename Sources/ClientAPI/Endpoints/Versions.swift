import HTTPTypes
import MatrixModel

/// GET /_matrix/client/versions: what this server speaks.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientversions).
enum GetVersions: Endpoint {
    static let method = HTTPRequest.Method.get
    static let paths = ["/_matrix/client/versions"]

    static let versions = ["r0.6.1"] + (1...16).map { "v1.\($0)" }
    static let unstableFeatures = [
        "computer.gingershaped.msc4466", "org.continuwuity.presence_v2.msc4495", "org.matrix.msc2753",
        "org.matrix.msc3026.busy_presence", "org.matrix.msc3032", "org.matrix.msc4222", "org.matrix.msc4429",
    ]

    static func answer(_ call: ClientCall) -> ClientAnswer {
        ClientAnswer([
            "versions": .array(versions.map { .string($0) }),
            "unstable_features": .object(JSONObject(unstableFeatures.map { ($0, true) })),
        ])
    }
}
