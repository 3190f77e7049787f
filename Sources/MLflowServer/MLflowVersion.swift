package import HTTP
import Support

/// The version of MLflow that a server says it is, and what that version holds and shows.
package struct MLflowVersion: Hashable, Sendable {
    /// What not every version can do. A client shows what a server of its own version does.
    package enum Capability: CaseIterable, Sendable {
        /// There are prompts.
        case prompts
        /// Texts, tags and settings of a version may have more than 5,000 characters.
        case longValues
        /// Clients show a chat prompt's messages.
        case chatPrompts
        /// Clients show the response format.
        case responseFormat
        /// Clients show the model's settings.
        case modelConfig

        /// The first version that can.
        fileprivate var since: (major: Int, minor: Int) {
            switch self {
            case .prompts: (2, 21)
            case .longValues: (3, 0)
            case .chatPrompts, .responseFormat: (3, 4)
            case .modelConfig: (3, 9)
            }
        }

        /// The first version that can, as text.
        package var firstVersion: String { "\(since.major).\(since.minor)" }

        /// What older versions do instead.
        package var limitation: String {
            switch self {
            case .prompts: "does not support prompts"
            case .longValues: "holds at most \(MLflowVersion.shortValue) characters in a text or tag"
            case .chatPrompts: "shows chat prompts as JSON text"
            case .responseFormat: "shows response_format as a tag with JSON text"
            case .modelConfig: "shows model_config as a tag with JSON text"
            }
        }
    }

    /// The most characters of a value where values are short.
    package static let shortValue = 5000

    /// The version, such as `3.17.2`.
    package let text: String
    private let major: Int
    private let minor: Int

    /// The version in an answer; nil when it is something else.
    package init?(_ response: HTTPResponse) {
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
        (self.major, self.minor) = (major, minor)
    }

    /// Whether this version can do something.
    package func can(_ capability: Capability) -> Bool { (major, minor) >= capability.since }

    /// Whether it takes the steps of traces as OpenTelemetry's JSON: from 3.12 on.
    package var takesTraces: Bool { (major, minor) >= (3, 12) }

    /// Whether it finds traces: from 3.2 on.
    private var findsTraces: Bool { (major, minor) >= (3, 2) }

    /// Why the traces on a server of this version cannot be read; nil when they can.
    package var readingProblem: HTTPError? {
        guard !findsTraces else { return nil }
        return HTTPError(
            .wrongService, "MLflow \(text) has no API that finds the traces of a prompt",
            hint: "upgrade the server to MLflow 3.2 or later; what it has stays")
    }

    /// Whether it counts traces: from 3.9 on.
    package var countsTraces: Bool { (major, minor) >= (3, 9) }

    /// Whether it finds traces by the versions of prompts that are linked to them: from 3.7 on.
    package var findsLinkedTraces: Bool { (major, minor) >= (3, 7) }

    /// Whether it finds traces that do not have a tag: from 3.12 on.
    package var findsUntaggedTraces: Bool { (major, minor) >= (3, 12) }

    /// What this version cannot do, the most important first.
    package var missing: [Capability] { Capability.allCases.filter { !can($0) } }

    /// Why no prompt can be registered on a server of this version; nil when prompts can.
    package var problem: HTTPError? {
        guard !can(.prompts) else { return nil }
        return HTTPError(
            .wrongService, "MLflow \(text) \(Capability.prompts.limitation)",
            hint: "upgrade the server to MLflow \(Capability.prompts.firstVersion) or later")
    }
}
