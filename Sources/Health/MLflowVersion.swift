import HTTP
import Support

/// The version of MLflow that a server says it is.
struct MLflowVersion {
    /// The first version with prompts.
    private static let firstWithPrompts = (2, 21)

    private let text: String
    private let isTooOld: Bool

    /// The version in an answer; nil when it is something else.
    init?(_ response: HTTPResponse) {
        guard response.status == 200, response.body.count <= 40 else { return nil }
        text = String(decoding: response.body, as: UTF8.self).trimmed()
        let isPlain = text.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"):
                true
            default: false
            }
        }
        let parts = text.split(separator: ".")
        guard isPlain, parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1]) else {
            return nil
        }
        isTooOld = (major, minor) < Self.firstWithPrompts
    }

    /// What doctor says about it.
    var result: HealthCheckResult {
        guard isTooOld else { return .ok(.server, "MLflow \(text)") }
        return .warn(
            .server, "MLflow \(text) does not support prompts",
            hint: "upgrade the server to MLflow 2.21 or later")
    }
}
